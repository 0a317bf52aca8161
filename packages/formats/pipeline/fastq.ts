import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BrokenInput, type FastqFacts, type FastqOptions, type Pass } from '../pass.ts';
import { copiedInput } from './copied-input.ts';
import { FastqRecords } from './fastq-records.ts';
import { NamePairing } from './name-pairing.ts';
import { textLines } from './text-lines.ts';

type SourceFacts = FastqFacts['sources'][number];

/** FASTQ without the compiled program: Node's zlib and a reader of lines. */
export function fastqPass(options: FastqOptions): Pass<FastqFacts> {
  const inputs = options.paired ? [copiedInput(), copiedInput()] : [copiedInput()];
  const pairing = options.paired ? new NamePairing() : undefined;
  const stop = (): void => inputs.forEach((input) => void input.destroy(new Error('The pass was stopped')));
  for (const input of inputs) input.on('error', () => {}); // `facts` tells
  const reading = inputs.map((input, side) => readSource(input, side as 0 | 1, options, pairing));
  const facts = Promise.all(reading).then((sources) => {
    refuseUnequal(sources);
    return { sources };
  });
  facts.catch(stop);
  return { inputs, facts, stop };
}

function refuseUnequal([first, second]: readonly SourceFacts[]): void {
  if (second && first?.reads !== second.reads)
    throw new BrokenInput(
      `the pair is of unequal length: source1 has ${first?.reads} reads, source2 has ${second.reads}`,
    );
}

async function readSource(
  input: Duplex,
  side: 0 | 1,
  options: FastqOptions,
  pairing: NamePairing | undefined,
): Promise<SourceFacts> {
  const digest = createHash(options.digest);
  const label = options.paired ? `source${side + 1}: ` : '';
  const records = new FastqRecords(label, pairing !== undefined);
  try {
    for await (const lines of textLines(inflated(input, label, (text) => digest.update(text)))) {
      lines.forEach((line) => records.take(line));
      await pairing?.take(side, records.takeNames());
    }
  } finally {
    pairing?.end(side);
  }
  records.end();
  return { reads: records.reads, bases: records.bases, digest: digest.digest('hex') };
}

/** The text of a gzip file of one or many members. */
async function* inflated(input: Duplex, label: string, seen: (text: Buffer) => void): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let bytes = 0;
  let first = true;
  input.on('data', (chunk: Buffer) => {
    if (first && chunk[0] !== 0x1f)
      gunzip.destroy(
        new BrokenInput(`${label}it is not gzip: sequence stores take FASTQ compressed by gzip only`),
      );
    first = false;
    bytes += chunk.length;
  });
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const text of gunzip as AsyncIterable<Buffer>) {
      seen(text);
      yield text;
    }
  } catch (error) {
    if (bytes === 0) throw new BrokenInput(`${label}the file is empty`);
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new BrokenInput(`${label}corrupt gzip near byte ${gunzip.bytesWritten}: ${error.message}`);
  }
}
