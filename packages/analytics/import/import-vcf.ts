import type { Readable } from 'node:stream';
import { GENOTYPE_COLUMNS, SITE_COLUMNS, VARIANT_COLUMNS } from '../table/columns.ts';
import { fieldsOf } from '../table/field.ts';
import { FileSeries } from '../table/file-series.ts';
import type { WrittenFile } from '../table/written-file.ts';
import { textOfVariants } from '../vcf/bcf.ts';
import { ChunkEncoder, type EncodedChunk, type EncoderPlan, type Sight } from '../vcf/chunk-encoder.ts';
import { decompressed } from '../vcf/decompress.ts';
import type { VcfHeader } from '../vcf/header.ts';
import { openVcfText } from '../vcf/reader.ts';
import { type TextChunk, textChunks } from '../vcf/text-chunks.ts';
import { describesVep } from '../vcf/vep.ts';
import { encodedInOrder } from './chunk-workers.ts';
import type { FileFacts, ImportRequest, ImportSummary } from './protocol.ts';

/** Text that is read at once, into a row group or more. */
export const CHUNK = 24 * 1024 * 1024;
/** From so many samples on sites and genotypes are kept apart: a thousand samples are not to cost a thousand INFOs. */
const COHORT = 8;

/** One pass over a VCF or BCF: parsed, normalized where asked, written as Parquet. Throws VcfError where the file is wrong. */
export async function importVcf(source: Readable, request: ImportRequest): Promise<ImportSummary> {
  const text = textOfVariants(decompressed(source));
  const { header, chunks } = await openVcfText(textChunks(text, request.chunkSize ?? CHUNK));
  const plan = planOf(header, request);
  const series = seriesOf(plan, request.directory);
  const facts = new Facts(plan);
  try {
    for await (const chunk of encoded(chunks, plan)) {
      for (const [table, groups] of chunk.groups.entries())
        for (const group of groups) await series[table]!.append(group, chunk.ranges);
      facts.add(chunk);
    }
    const files: WrittenFile[] = [];
    for (const each of series) files.push(...(await each.finish()));
    return { files, ...facts.get() };
  } finally {
    for (const each of series) await each.close();
  }
}

export function planOf(header: VcfHeader, request: ImportRequest): EncoderPlan {
  const { format, jobId, vepKey, reference, firstSite = 0 } = request;
  const { ignoreQuality = false, ignoreFilter = false } = format?.kind === 'vcf' ? format : {};
  const layout = header.samples.length >= COHORT ? 'cohort' : 'rows';
  return { header, reading: { ignoreQuality, ignoreFilter }, jobId, vepKey, reference, layout, firstSite };
}

export function seriesOf({ layout }: Pick<EncoderPlan, 'layout'>, directory: string): readonly FileSeries[] {
  if (layout === 'rows') return [new FileSeries(directory, 'rows', fieldsOf(VARIANT_COLUMNS))];
  return [
    new FileSeries(directory, 'sites', fieldsOf(SITE_COLUMNS)),
    new FileSeries(directory, 'genotypes', fieldsOf(GENOTYPE_COLUMNS)),
  ];
}

/** A file of one chunk is read right here; threads take longer to start. */
async function* encoded(chunks: AsyncIterable<TextChunk>, plan: EncoderPlan): AsyncIterable<EncodedChunk> {
  const iterator = chunks[Symbol.asyncIterator]();
  const [first, second] = [await iterator.next(), await iterator.next()];
  if (first.done) return;
  if (!second.done) {
    yield* encodedInOrder(after([first.value, second.value], iterator), plan);
    return;
  }
  const encoder = new ChunkEncoder(plan);
  try {
    yield encoder.encode(first.value);
  } finally {
    encoder.close();
  }
}

async function* after(first: readonly TextChunk[], rest: AsyncIterator<TextChunk>): AsyncIterable<TextChunk> {
  yield* first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

export class Facts {
  #records = 0;
  #rows = 0;
  #unsorted: number | undefined;
  readonly #contigs = new Set<string>();
  readonly #lacksVep: boolean;

  constructor({ header, vepKey }: EncoderPlan) {
    this.#lacksVep = !describesVep(header, vepKey);
  }

  add({ records, rows, contigs, unsorted }: Sight): void {
    this.#records += records;
    this.#rows += rows;
    this.#unsorted ??= unsorted;
    for (const contig of contigs.keys()) this.#contigs.add(contig);
  }

  get(): FileFacts {
    const unsorted = this.#unsorted === undefined ? {} : { unsorted: this.#unsorted };
    const lacksVep = this.#lacksVep ? { lacksVep: true as const } : {};
    const contigs = [...this.#contigs];
    return { records: this.#records, rows: this.#rows, contigs, ...unsorted, ...lacksVep };
  }
}
