import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { runCommand } from '@helicase/kernel';
import { indexAlignmentFile } from '../index-file.ts';
import { type AlignmentFacts, type AlignmentOptions, BrokenInput, type UsedContig } from '../pass.ts';
import { textLines } from './text-lines.ts';

const UNMAPPED = 4;
const LONG = 24 * 3600 * 1000;

/** Nothing but the reference given: htslib must not ask the internet for another one. */
const ENVIRONMENT = { ...process.env, REF_PATH: '/nonexistent/%s', REF_CACHE: '' };

/** The facts of a BAM or CRAM file at a path, by way of samtools. */
export async function readAlignmentFile(
  path: string,
  options: AlignmentOptions,
  signal: AbortSignal,
): Promise<AlignmentFacts> {
  await refuseOtherFormat(path, options);
  const check = await runCommand('samtools', ['quickcheck', '-v', '-u', path], { signal });
  if (check.code !== 0) throw new BrokenInput(messageOf(check.stdout + check.stderr, path));
  const contigs = await headerContigs(path, signal);
  const counts = new RecordCounts(contigs, createHash(options.digest));
  await readRecords(path, options, counts, signal);
  const index = await writeIndex(path, options, counts, signal);
  return { ...counts.facts(), ...(index ? { index } : {}) };
}

async function refuseOtherFormat(path: string, { type }: AlignmentOptions): Promise<void> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const isCram = buffer.toString('latin1') === 'CRAM';
    const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
    if (bytesRead === 0) throw new BrokenInput('the file is empty');
    if (type === 'CRAM' ? !isCram : !isGzip)
      throw new BrokenInput(`it is not ${type === 'CRAM' ? 'CRAM' : 'BAM'}`);
  } finally {
    await file.close();
  }
}

function messageOf(output: string, path: string): string {
  const said = output.replaceAll(path, 'the file').trim().split('\n').join('; ');
  return `the file is truncated or damaged: ${said || 'samtools gave no reason'}`;
}

async function headerContigs(path: string, signal: AbortSignal): Promise<UsedContig[]> {
  const header = await runCommand('samtools', ['view', '-H', '--no-PG', path], { signal });
  if (header.code !== 0) throw new BrokenInput(messageOf(header.stderr, path));
  return header.stdout
    .split('\n')
    .filter((line) => line.startsWith('@SQ\t'))
    .map((line) => {
      const tags = new Map(line.split('\t').map((field) => [field.slice(0, 2), field.slice(3)]));
      const md5 = tags.get('M5');
      const contig = { name: tags.get('SN') ?? '', length: Number(tags.get('LN')), reads: 0 };
      return md5 === undefined ? contig : { ...contig, md5 };
    });
}

async function readRecords(
  path: string,
  options: AlignmentOptions,
  counts: RecordCounts,
  signal: AbortSignal,
): Promise<void> {
  const reference = options.referencePath ? ['-T', options.referencePath] : [];
  const args = ['view', '-@', String((options.threads ?? 2) - 1), ...reference, path];
  const samtools = spawn('samtools', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENVIRONMENT,
    signal,
    timeout: LONG,
  });
  let stderr = '';
  samtools.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text.slice(0, 4096)));
  const ended = new Promise<number | null>((resolve, reject) => {
    samtools.on('error', reject);
    samtools.on('close', resolve);
  });
  ended.catch(() => {}); // awaited below, after the text
  for await (const lines of textLines(hashed(samtools.stdout, counts.digest)))
    lines.forEach((line) => counts.take(line));
  if ((await ended) !== 0) throw new BrokenInput(`after record ${counts.reads}: ${messageOf(stderr, path)}`);
}

async function* hashed(text: Readable, digest: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of text as AsyncIterable<Buffer>) {
    digest.update(chunk);
    yield chunk;
  }
}

async function writeIndex(
  path: string,
  options: AlignmentOptions,
  counts: RecordCounts,
  signal: AbortSignal,
): Promise<'bai' | undefined> {
  const { sorted, contigs } = counts.facts();
  const reachable = contigs.every((contig) => contig.length <= 2 ** 29);
  if (options.type !== 'BAM' || !options.indexPath || !sorted || !reachable) return undefined;
  await indexAlignmentFile(path, options.indexPath, signal);
  return 'bai';
}

/** What SAM lines add up to. */
class RecordCounts {
  reads = 0;
  readonly digest: Hash;
  #bases = 0;
  #aligned = 0;
  #sorted = true;
  #lastContig = 0;
  #lastPosition = 0;
  readonly #contigs: readonly UsedContig[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #placed: number[];

  constructor(contigs: readonly UsedContig[], digest: Hash) {
    this.#contigs = contigs;
    this.#ranks = new Map(contigs.map(({ name }, rank) => [name, rank]));
    this.#placed = contigs.map(() => 0);
    this.digest = digest;
  }

  take(line: string): void {
    const [, flag, contig = '*', position, , , , , , sequence = '*'] = line.split('\t', 10);
    this.reads++;
    if (sequence !== '*') this.#bases += sequence.length;
    if ((Number(flag) & UNMAPPED) === 0) this.#aligned++;
    const rank = this.#ranks.get(contig);
    if (rank !== undefined) this.#placed[rank]!++;
    this.#follow(rank ?? Infinity, Number(position));
  }

  facts(): Omit<AlignmentFacts, 'index'> {
    const contigs = this.#contigs.flatMap((contig, rank) => {
      const reads = this.#placed[rank]!;
      return reads > 0 ? [{ ...contig, reads }] : [];
    });
    const digest = this.digest.copy().digest('hex');
    return {
      reads: this.reads,
      bases: this.#bases,
      aligned: this.#aligned,
      sorted: this.#sorted,
      digest,
      contigs,
    };
  }

  #follow(rank: number, position: number): void {
    const before = rank < this.#lastContig || (rank === this.#lastContig && position < this.#lastPosition);
    if (before && rank !== Infinity) this.#sorted = false;
    this.#lastContig = rank;
    this.#lastPosition = position;
  }
}
