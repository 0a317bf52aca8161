import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Pass, ReadPasses } from '../pass.ts';
import { readAlignmentFile } from './alignments.ts';
import { copiedInput } from './copied-input.ts';
import { readFastaFile } from './fasta.ts';
import { fastqPass } from './fastq.ts';

/** A new private path of this name, gone with `release`. */
export type ScratchFiles = (name: string) => Promise<{ readonly path: string; release(): Promise<void> }>;

/** The readers without the compiled program: the bytes go to a scratch file, and samtools reads that. */
export function pipelinePasses(scratch: ScratchFiles): ReadPasses {
  return {
    kind: 'pipeline',
    alignments: (options) =>
      stagedPass(scratch, `reads.${options.type === 'CRAM' ? 'cram' : 'bam'}`, (path, signal) =>
        readAlignmentFile(path, options, signal),
      ),
    fastq: (options) => fastqPass(options),
    fasta: (options) =>
      stagedPass(scratch, 'reference.fasta', (path, signal) => readFastaFile(path, options, signal)),
  };
}

function stagedPass<Facts>(
  scratch: ScratchFiles,
  name: string,
  read: (path: string, signal: AbortSignal) => Promise<Facts>,
): Pass<Facts> {
  const input = copiedInput(1 << 20);
  const controller = new AbortController();
  const { signal } = controller;
  const work = async (): Promise<Facts> => {
    const place = await scratch(name);
    try {
      await pipeline(input, createWriteStream(place.path, { mode: 0o600 }), { signal });
      return await read(place.path, signal);
    } finally {
      await place.release();
    }
  };
  const facts = work();
  facts.catch(() => {}); // awaited by the caller after the input is written
  return { inputs: [input], facts, stop: () => controller.abort(new Error('The pass was stopped')) };
}
