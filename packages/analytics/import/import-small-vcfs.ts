import type { FileSeries } from '../table/file-series.ts';
import { cover, type Ranges } from '../table/ranges.ts';
import type { WrittenFile } from '../table/written-file.ts';
import { textOfVariants } from '../vcf/bcf.ts';
import { buildersOf, ChunkEncoder, type EncoderPlan } from '../vcf/chunk-encoder.ts';
import { decompressed } from '../vcf/decompress.ts';
import { openVcfText } from '../vcf/reader.ts';
import { type TextChunk, textChunks } from '../vcf/text-chunks.ts';
import { VcfError } from '../vcf/vcf-error.ts';
import { CHUNK, Facts, planOf, seriesOf } from './import-vcf.ts';
import type { FileFacts, ImportedFiles, ImportPart, ImportRequest } from './protocol.ts';

/**
 * Small VCFs in one pass, into row groups that they share: a query opens one file where it would open hundreds. Throws
 * VcfError where one of them is wrong; what is written has rows of it then, and is of no use.
 */
export async function importSmallVcfs(
  input: AsyncIterable<Buffer>,
  request: ImportRequest,
  parts: readonly ImportPart[],
): Promise<ImportedFiles> {
  const tables = { rows: new SharedTable('rows', request), cohort: new SharedTable('cohort', request) };
  const cut = cutter(input);
  const facts: FileFacts[] = [];
  try {
    for (const { size, firstSite } of parts) {
      const text = textChunks(textOfVariants(decompressed(cut(size))), CHUNK);
      const { header, chunks } = await openVcfText(text);
      const plan = planOf(header, { ...request, firstSite });
      facts.push(await tables[plan.layout].add(plan, chunks));
    }
    return { files: [...(await tables.rows.finish()), ...(await tables.cohort.finish())], facts };
  } finally {
    await tables.rows.close();
    await tables.cohort.close();
  }
}

/** Takes the input apart: each call reads so many of its bytes. */
function cutter(input: AsyncIterable<Buffer>): (size: number) => AsyncGenerator<Buffer> {
  const iterator = input[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  return async function* (size) {
    for (let left = size; left > 0;) {
      if (held.length === 0) {
        const next = await iterator.next();
        if (next.done) throw new VcfError(`the file ends ${left} bytes before its end`);
        held = next.value;
      }
      const part = held.subarray(0, left);
      held = held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  };
}

/** Rows of a layout, whichever file they are of. */
class SharedTable {
  readonly #builders: ReturnType<typeof buildersOf>;
  readonly #series: readonly FileSeries[];
  #ranges: Ranges = new Map();
  /** Bytes of text that are in the builders. */
  #held = 0;

  constructor(layout: EncoderPlan['layout'], { directory }: ImportRequest) {
    this.#builders = buildersOf(layout);
    this.#series = seriesOf({ layout }, directory);
  }

  async add(plan: EncoderPlan, chunks: AsyncIterable<TextChunk>): Promise<FileFacts> {
    const encoder = new ChunkEncoder(plan, this.#builders);
    const facts = new Facts(plan);
    try {
      for await (const chunk of chunks) {
        // A chunk is as large as a row group may be: it does not share one with what was there.
        if (this.#held + chunk.bytes.length > CHUNK) await this.#flush();
        const sight = encoder.read(chunk);
        this.#held += chunk.bytes.length;
        for (const [contig, [start, end]] of sight.ranges) cover(this.#ranges, contig, start, end);
        facts.add(sight);
      }
      return facts.get();
    } finally {
      encoder.close();
    }
  }

  async finish(): Promise<readonly WrittenFile[]> {
    await this.#flush();
    const files: WrittenFile[] = [];
    for (const each of this.#series) files.push(...(await each.finish()));
    return files;
  }

  async close(): Promise<void> {
    for (const each of this.#series) await each.close();
  }

  async #flush(): Promise<void> {
    for (const [index, builder] of this.#builders.entries())
      await this.#series[index]!.append(builder.finish(), this.#ranges);
    this.#ranges = new Map();
    this.#held = 0;
  }
}
