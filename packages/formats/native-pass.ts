import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { Log } from '@helicase/kernel';
import { watchCramEnd } from './cram-end.ts';
import {
  type AlignmentFacts,
  type AlignmentOptions,
  BrokenInput,
  type DigestAlgorithm,
  type FastaFacts,
  type FastaOptions,
  type FastqFacts,
  type Pass,
  type ReadPasses,
} from './pass.ts';

const BROKEN_INPUT = 2;
const STDERR_LIMIT = 4096;
/** Milliseconds that the program may go on after its inputs ended: it holds a few MiB at most then. */
const END_LIMIT = 10 * 60_000;

/** What the program prints; `md5` is missing where the text was digested here. */
type Printed<Facts> = Omit<Facts, 'digest'> & { readonly md5?: string };

interface Child {
  readonly process: ChildProcess;
  readonly inputs: readonly Writable[];
  /** Hex digests of the texts, one per source; empty for MD5, which the program computes. */
  readonly digests: Promise<readonly string[]>;
  readonly printed: Promise<string>;
}

/** The readers on the compiled program. */
export function nativePasses(program: string, log: Log): ReadPasses {
  const start = <Raw, Facts>(
    args: readonly string[],
    sources: number,
    digest: DigestAlgorithm,
    shape: (raw: Raw, digests: readonly string[]) => Facts,
  ): Pass<Facts> => {
    const child = startChild(program, args, sources, digest, log);
    const facts = Promise.all([child.printed, child.digests]).then(([printed, digests]) =>
      shape(JSON.parse(printed) as Raw, digests),
    );
    facts.catch(() => {}); // awaited by the caller after the inputs are written, which may be much later
    return { inputs: child.inputs, facts, stop: () => void child.process.kill('SIGKILL') };
  };
  return {
    kind: 'native',
    alignments: (options) => {
      const pass = start(alignmentArguments(options), 1, options.digest, alignmentFacts);
      return options.type === 'CRAM' ? withCramEnd(pass) : pass;
    },
    fastq: (options) =>
      start(
        ['fastq', ...(options.paired ? ['--paired'] : [])],
        options.paired ? 2 : 1,
        options.digest,
        fastqFacts,
      ),
    fasta: (options) => start<FastaFacts, FastaFacts>(fastaArguments(options), 1, 'md5', (raw) => raw),
  };
}

function withCramEnd(pass: Pass<AlignmentFacts>): Pass<AlignmentFacts> {
  const watch = watchCramEnd(pass.inputs[0]!);
  const facts = pass.facts.then((facts) => {
    if (watch.ended()) return facts;
    throw new BrokenInput(
      `the file is truncated after record ${facts.reads}: its CRAM end-of-file container is missing`,
    );
  });
  facts.catch(() => {}); // as the pass's own
  return { ...pass, inputs: [watch.input], facts };
}

function alignmentArguments(options: AlignmentOptions): string[] {
  const args = ['alignments', '--type', options.type, '--threads', String(options.threads ?? 2)];
  if (options.indexPath) args.push('--index', options.indexPath);
  if (options.referencePath) args.push('--reference', options.referencePath);
  return args;
}

function fastaArguments(options: FastaOptions): string[] {
  return ['fasta', '--index', options.indexPath, '--block-index', options.blockIndexPath];
}

function alignmentFacts(raw: Printed<AlignmentFacts>, digests: readonly string[]): AlignmentFacts {
  const { md5, ...facts } = raw;
  return { ...facts, digest: digests[0] ?? md5 ?? '' };
}

function fastqFacts(
  raw: { sources: Printed<FastqFacts['sources'][number]>[] },
  digests: readonly string[],
): FastqFacts {
  return {
    sources: raw.sources.map(({ md5, ...facts }, i) => ({ ...facts, digest: digests[i] ?? md5 ?? '' })),
  };
}

/** Descriptors: 0 source1, 3 source2 where there is one, then a text per source where another algorithm digests it here. */
function startChild(
  program: string,
  args: readonly string[],
  sources: number,
  digest: DigestAlgorithm,
  log: Log,
): Child {
  const texts = digest === 'md5' ? 0 : sources;
  const firstText = 2 + sources;
  const child = spawn(program, texts > 0 ? [...args, '--text-fd', String(firstText)] : args, {
    stdio: ['pipe', 'pipe', 'pipe', ...Array<'pipe'>(sources - 1 + texts).fill('pipe')],
  });
  const inputs = [child.stdin, ...child.stdio.slice(3, firstText)] as Writable[];
  for (const input of inputs) input.on('error', () => {}); // EPIPE: the exit status says why
  const outputs = child.stdio.slice(firstText) as Readable[];
  endInTime(child, inputs);
  const digests = Promise.all(outputs.map((text) => digestOf(text, digest)));
  digests.catch(() => {});
  return { process: child, inputs, digests, printed: factsOf(child, log) };
}

/** htslib's threads have been seen to wait for each other at the end of a damaged file: an import must not hang with them. */
function endInTime(child: ChildProcess, inputs: readonly Writable[]): void {
  let open = inputs.length;
  let timer: NodeJS.Timeout | undefined;
  for (const input of inputs) {
    input.on('finish', () => {
      if (--open === 0) timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT);
    });
  }
  child.on('close', () => clearTimeout(timer));
}

async function digestOf(text: Readable, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of text) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function factsOf(child: ChildProcess, log: Log): Promise<string> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < STDERR_LIMIT) stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (stderr) log.debug({ stderr, code }, 'htslib said this of a file');
      if (code === 0) resolve(stdout);
      else if (code === BROKEN_INPUT) reject(new BrokenInput(problemOf(stdout)));
      else
        reject(
          new Error(`The one-pass reader ended with ${signal ?? code}: ${stderr.trim() || 'no message'}`),
        );
    });
  });
}

function problemOf(stdout: string): string {
  return (JSON.parse(stdout) as { problem: string }).problem;
}
