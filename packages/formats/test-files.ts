import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { lend, runCommand, silentLog } from '@helicase/kernel';
import { nativePasses } from './native-pass.ts';
import { buildReadPass } from './native-build.ts';
import type { Pass, ReadPasses } from './pass.ts';
import { pipelinePasses } from './pipeline/pipeline-passes.ts';
import { pour } from './pour.ts';

/** The small real data that lies beside the repository. */
const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
export const data = (path: string): string => join(DATA, path);
export const dataMissing = existsSync(DATA) ? false : `the test data is not at ${DATA}`;

/** A folder that goes when the test file ends. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'helicase-formats-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Where the compiled program is kept for later test runs. */
export const programCache = fileURLToPath(new URL('../../node_modules/.cache/helicase/', import.meta.url));

/** Both kinds of readers. */
export async function bothReaders(folder: string): Promise<ReadPasses[]> {
  const program = await buildReadPass({ cache: programCache, log: silentLog });
  if (!program) throw new Error('The one-pass reader could not be compiled on this machine');
  let count = 0;
  const scratch = async (name: string) => {
    const place = await mkdtemp(join(folder, `scratch${++count}-`));
    return { path: join(place, name), release: () => rm(place, { recursive: true, force: true }) };
  };
  return [nativePasses(program, silentLog), pipelinePasses(scratch)];
}

/** Pours files or bytes into a pass, lent as the vault's are, and awaits its facts. */
export async function read<Facts>(pass: Pass<Facts>, ...sources: (string | Uint8Array)[]): Promise<Facts> {
  const never = new AbortController().signal;
  await Promise.all(
    sources.map((source, i) => {
      const body = typeof source === 'string' ? createReadStream(source) : Readable.from([source]);
      return pour(Readable.from(lent(body)), pass.inputs[i]!, [], never);
    }),
  );
  return pass.facts;
}

async function* lent(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield lend(new Uint8Array(chunk));
}

/** What a program prints, as the independent answer. */
export async function answerOf(
  program: string,
  args: readonly string[],
  input?: Uint8Array,
): Promise<string> {
  const result = await runCommand(program, args, input ? { input } : {});
  if (result.code !== 0) throw new Error(`${program} ended with ${result.code}: ${result.stderr}`);
  return result.stdout;
}

export async function md5sum(text: Uint8Array): Promise<string> {
  return (await answerOf('md5sum', [], text)).slice(0, 32);
}

/** The germline reads aligned by minimap2, in coordinate order. */
export async function alignGermline(folder: string): Promise<string> {
  const sam = join(folder, 'germline.sam');
  const bam = join(folder, 'germline.bam');
  const [reference, first, second] = ['reference.fasta', 'wgs1_R1.fastq.gz', 'wgs1_R2.fastq.gz'].map((name) =>
    data(`germline/${name}`),
  ) as [string, string, string];
  await answerOf('minimap2', ['-ax', 'sr', '-o', sam, reference, first, second]);
  await answerOf('samtools', ['sort', '-o', bam, sam]);
  return bam;
}

export const inflate = (bytes: Uint8Array): Buffer => gunzipSync(bytes);
