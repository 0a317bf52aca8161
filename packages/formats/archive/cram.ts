import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, pipeline as connect, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BrokenInput } from '../pass.ts';

const BROKEN_INPUT = 2;
const MESSAGE_LIMIT = 4096;

export interface AlignmentArchiving {
  /** A FASTA file with its index beside it. */
  readonly referencePath?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * CRAM 3.1 as the archive's form, and back; `native/archive.c` says how nothing is lost. Packing rejects with
 * BrokenInput where a file has what CRAM cannot hold, and unpacking fails in the stream where the archive is broken.
 */
export interface CramArchiver {
  /** A BAM file's bytes; with `plain`, those of a CRAM file, whose records go in as they are. */
  packAlignments(
    bytes: Readable,
    output: string,
    options: AlignmentArchiving & { readonly plain?: boolean },
  ): Promise<void>;
  /** BAM records in BGZF blocks, without a header. */
  unpackAlignments(input: string, options: AlignmentArchiving): Readable;
  /** One gzip file or the two of a pair. */
  packFastq(files: readonly Readable[], output: string, signal: AbortSignal): Promise<void>;
  unpackFastq(input: string, count: number, signal: AbortSignal): readonly Readable[];
}

export function cramArchiver(program: string): CramArchiver {
  return {
    async packAlignments(bytes, output, { referencePath, plain, signal }) {
      const args = ['archive-alignments', '--output', output, ...reference(referencePath)];
      await pack(program, plain ? [...args, '--plain'] : args, [bytes], signal);
    },
    unpackAlignments(input, { referencePath, signal }) {
      const args = ['restore-alignments', '--input', input, ...reference(referencePath)];
      return unpack(program, args, 1, signal)[0]!;
    },
    async packFastq(files, output, signal) {
      await pack(program, ['archive-fastq', '--output', output, ...paired(files.length)], files, signal);
    },
    unpackFastq: (input, count, signal) =>
      unpack(program, ['restore-fastq', '--input', input, ...paired(count)], count, signal),
  };
}

const reference = (path: string | undefined): string[] => (path === undefined ? [] : ['--reference', path]);
const paired = (count: number): string[] => (count === 2 ? ['--paired'] : []);

async function pack(
  program: string,
  args: readonly string[],
  files: readonly Readable[],
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = endOf(child);
  const inputs = [child.stdin, child.stdio[3] as unknown as Writable];
  for (const unused of inputs.slice(files.length)) unused.end();
  for (const input of inputs) input.on('error', () => {}); // EPIPE: the exit status says why
  const pours = files.map((file, i) => pipeline(file, inputs[i]!));
  const [end, ...poured] = await Promise.allSettled([ended, ...pours]);
  if (end?.status === 'rejected') throw end.reason;
  for (const one of poured) if (one.status === 'rejected') throw one.reason;
}

function unpack(
  program: string,
  args: readonly string[],
  count: number,
  signal: AbortSignal,
): readonly Readable[] {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = endOf(child, false);
  ended.catch(() => {}); // told in each stream
  const outputs = [child.stdout!, child.stdio[3] as unknown as Readable].slice(0, count).map(held);
  return outputs.map((output) => Readable.from(checked(child, output, ended), { objectMode: false }));
}

/** Taken at once: Node throws away what nobody reads yet from a child's pipe when the child has ended. */
function held(output: Readable): Readable {
  return connect(output, new PassThrough(), () => {}); // an error destroys both, and the reader sees it
}

/** The stream ends well only where the program did. */
async function* checked(child: ChildProcess, output: Readable, ended: Promise<void>): AsyncGenerator<Buffer> {
  let whole = false;
  try {
    yield* output as AsyncIterable<Buffer>;
    await ended;
    whole = true;
  } finally {
    if (!whole) child.kill('SIGKILL');
  }
}

/** Resolves where the program did its work; `facts`: standard output is its own, and tells what is broken. */
function endOf(child: ChildProcess, facts = true): Promise<void> {
  let said = '';
  const listen = (chunk: Buffer): void => {
    if (said.length < MESSAGE_LIMIT) said += chunk.toString('utf8');
  };
  child.stderr?.on('data', listen);
  if (facts) child.stdout?.on('data', listen);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killed) => {
      if (code === 0) resolve();
      else if (code === BROKEN_INPUT) reject(new BrokenInput(problemIn(said)));
      else reject(new Error(`The archiver ended with ${killed ?? code}: ${said.trim() || 'no message'}`));
    });
  });
}

function problemIn(said: string): string {
  return /\{"problem":"(.*)"\}/.exec(said)?.[1] ?? 'it cannot be archived';
}
