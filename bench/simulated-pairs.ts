import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Reads as a current sequencer and an aligner leave them, 30-fold: pairs of 150 bases in the order of the flow cell,
 * from a genome with a variant every thousand bases; qualities in four bins, worse towards the end of a read and in some
 * reads altogether, bad ones together; errors where the qualities say so. As a FASTQ pair (gzip), and as a
 * coordinate-sorted BAM with the tags that bwa writes. Seeded: the same reads every time.
 */

const READ = 150;
const FOLD = 30;
const GENOME_CONTIGS = 2;
const BINS = { best: 'F', good: ':', poor: ',', none: '#' };
type Bin = keyof typeof BINS;
/** The chance that a base of the bin is another one. */
const ERROR: Readonly<Record<Bin, number>> = { best: 0.0002, good: 0.003, poor: 0.08, none: 0.5 };

export interface SimulatedPairs {
  readonly files: readonly [string, string];
  readonly bam: string;
  readonly reference: string;
}

/** Makes the files on first use, in the system's folder for temporary files. */
export async function simulatedPairs(reads: number): Promise<SimulatedPairs> {
  const folder = join(tmpdir(), 'helicase-bench');
  await mkdir(folder, { recursive: true });
  const path = (end: string) => join(folder, `pairs-${reads}${end}`);
  const made = {
    files: [path('_1.fastq.gz'), path('_2.fastq.gz')],
    bam: path('.bam'),
    reference: path('.fasta'),
  } as const;
  if (!existsSync(made.bam)) await make(reads, made);
  return made;
}

async function make(reads: number, { files, bam, reference }: SimulatedPairs): Promise<void> {
  const random = generator(20261126);
  const length = Math.ceil((reads * READ) / FOLD / GENOME_CONTIGS);
  const genome = Array.from({ length: GENOME_CONTIGS }, () => bases(random, length));
  const person = genome.map((contig) => withVariants(random, contig));
  await writeFile(reference, genome.map((contig, i) => `>chr${i + 1}\n${wrapped(contig)}\n`).join(''));
  const gzip = (to: string) => spawn('sh', ['-c', 'exec gzip > "$1"', 'sh', to], PIPED);
  const sort = ['sort', '-m', '1G', '-O', 'bam', '--no-PG', '-o', `${bam}.unfinished`, '-'];
  const out = [gzip(files[0]), gzip(files[1]), spawn('samtools', sort, PIPED)];
  const ended = Promise.all(out.map(exitOf));
  const header = genome.map((contig, i) => `@SQ\tSN:chr${i + 1}\tLN:${contig.length}\n`).join('');
  out[2]!.stdin!.write(`@HD\tVN:1.6\n${header}@RG\tID:one\tSM:simulated\n`);
  for (let from = 0; from < reads / 2; from += 2000) {
    const texts = manyPairs(random, genome, person, from, Math.min(2000, reads / 2 - from));
    for (const [i, text] of texts.entries())
      if (!out[i]!.stdin!.write(text, 'latin1')) await once(out[i]!.stdin!, 'drain');
  }
  for (const { stdin } of out) stdin!.end();
  await ended;
  await rename(`${bam}.unfinished`, bam);
}

const PIPED: SpawnOptions = { stdio: ['pipe', 'inherit', 'inherit'] };

async function exitOf(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}`);
}

/** Texts of the first and the second FASTQ file, and of the SAM. */
function manyPairs(
  random: Random,
  genome: readonly Buffer[],
  person: readonly Buffer[],
  from: number,
  count: number,
): readonly [string, string, string] {
  const texts: [string[], string[], string[]] = [[], [], []];
  for (let i = from; i < from + count; i++) {
    const contig = i % GENOME_CONTIGS;
    const insert = 300 + Math.floor((random() + random() + random()) * 100);
    const start = Math.floor(random() * (genome[contig]!.length - insert));
    const mate = start + insert - READ;
    // Tiles one after the other, places within one by their line.
    const tile = 1101 + (Math.floor(i / 5000) % 78);
    const name = `A00111:462:HLFF3DRXX:1:${tile}:${1000 + 6 * (i % 5000)}:${1000 + Math.floor(random() * 36_000)}`;
    const forward = aRead(random, person[contig]!.subarray(start, start + READ));
    const backward = aRead(random, complement(person[contig]!.subarray(mate, mate + READ)));
    texts[0].push(`@${name} 1:N:0:ATCACGTT\n${forward.bases}\n+\n${forward.qualities}\n`);
    texts[1].push(`@${name} 2:N:0:ATCACGTT\n${backward.bases}\n+\n${backward.qualities}\n`);
    const turned = {
      bases: complement(Buffer.from(backward.bases, 'latin1')).toString('latin1'),
      qualities: [...backward.qualities].reverse().join(''),
    };
    const line = (flags: number, at: number, other: number, size: number, read: Read) =>
      `${name}\t${flags}\tchr${contig + 1}\t${at + 1}\t60\t${READ}M\t=\t${other + 1}\t${size}\t${read.bases}\t${read.qualities}\t` +
      `${tagsOf(read.bases, genome[contig]!.subarray(at, at + READ))}\n`;
    texts[2].push(line(99, start, mate, insert, forward), line(147, mate, start, -insert, turned));
  }
  return [texts[0].join(''), texts[1].join(''), texts[2].join('')];
}

interface Read {
  readonly bases: string;
  readonly qualities: string;
}

function aRead(random: Random, from: Buffer): Read {
  const read = Buffer.from(from);
  // One read in eight is bad throughout.
  const worse = random() < 0.125 ? 5 : 1;
  let qualities = '';
  while (qualities.length < READ) {
    const leaves = worse * (0.008 + 0.025 * (qualities.length / READ) ** 2);
    const best = Math.floor(Math.log(1 - random()) / Math.log(1 - leaves));
    qualities += BINS.best.repeat(Math.min(best, READ - qualities.length));
    do qualities += BINS[lesser(random)];
    while (random() < 0.25);
  }
  qualities = qualities.slice(0, READ);
  for (let i = 0; i < READ; i++) {
    const quality = qualities[i]!;
    const bin = quality === 'F' ? 'best' : quality === ':' ? 'good' : quality === ',' ? 'poor' : 'none';
    if (random() < ERROR[bin]) read[i] = bin === 'none' ? N : other(random, read[i]!);
  }
  return { bases: read.toString('latin1'), qualities };
}

const N = 'N'.charCodeAt(0);

function lesser(random: Random): Bin {
  const roll = random();
  return roll < 0.6 ? 'good' : roll < 0.97 ? 'poor' : 'none';
}

/** NM, MD, MC, AS, XS and RG, as bwa writes them. */
function tagsOf(read: string, reference: Buffer): string {
  let [mismatches, matched, md] = [0, 0, ''];
  for (let i = 0; i < READ; i++) {
    if (read.charCodeAt(i) === reference[i]) matched += 1;
    else {
      md += `${matched}${String.fromCharCode(reference[i]!)}`;
      [mismatches, matched] = [mismatches + 1, 0];
    }
  }
  const score = READ - 5 * mismatches;
  return `NM:i:${mismatches}\tMD:Z:${md}${matched}\tMC:Z:${READ}M\tAS:i:${score}\tXS:i:${19 + (mismatches % 5)}\tRG:Z:one`;
}

type Random = () => number;

/** mulberry32: fractions below 1. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LETTERS = Buffer.from('ACGT');
const COMPLEMENT = Buffer.alloc(256, N);
for (const [i, letter] of LETTERS.entries()) COMPLEMENT[letter] = LETTERS[3 - i]!;

function bases(random: Random, length: number): Buffer {
  const made = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) made[i] = LETTERS[Math.floor(random() * 4)]!;
  return made;
}

function other(random: Random, base: number): number {
  return LETTERS[(LETTERS.indexOf(base) + 1 + Math.floor(random() * 3)) % 4]!;
}

function withVariants(random: Random, contig: Buffer): Buffer {
  const person = Buffer.from(contig);
  for (let at = 0; at < person.length; at += 1 + Math.floor(random() * 2000))
    person[at] = other(random, person[at]!);
  return person;
}

function complement(of: Buffer): Buffer {
  const turned = Buffer.allocUnsafe(of.length);
  for (let i = 0; i < of.length; i++) turned[of.length - 1 - i] = COMPLEMENT[of[i]!]!;
  return turned;
}

function wrapped(contig: Buffer): string {
  return contig.toString('latin1').replaceAll(/.{60}/g, '$&\n');
}
