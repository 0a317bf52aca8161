import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { spawn } from 'node:child_process';

/**
 * A coordinate-sorted BAM of simulated reads and the reference that they fit: 150 bases each, binned qualities as
 * current sequencers write them, NM, MD, AS and RG tags, about 20-fold. Seeded: the same file every time.
 */

const CONTIGS = 5;
const CONTIG_BASES = 10_000_000;
const READ_BASES = 150;
/** About 56 bytes of BAM each: 530 MB. */
const READS = 9_500_000;
const LINE_BASES = 60;
const QUALITIES = '#,:F';

export interface SimulatedBam {
  readonly bam: string;
  readonly reference: string;
  readonly megabytes: number;
}

/** Makes the files on first use, in the system's folder for temporary files. */
export async function simulatedBam(reads = READS): Promise<SimulatedBam> {
  const folder = join(tmpdir(), 'helicase-bench');
  const bam = join(folder, `simulated-${reads}.bam`);
  const reference = join(folder, 'simulated.fasta');
  await mkdir(folder, { recursive: true });
  if (!existsSync(bam)) {
    const random = generator(20261123);
    const genome = makeGenome(random);
    await writeReference(genome, reference);
    await writeBam(genome, random, bam, reads);
  }
  return { bam, reference, megabytes: (await stat(bam)).size / 1e6 };
}

type Random = () => number;

/** xorshift32: whole numbers below 2^32. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

function makeGenome(random: Random): Buffer[] {
  return Array.from({ length: CONTIGS }, () => {
    const bases = Buffer.allocUnsafe(CONTIG_BASES);
    for (let i = 0; i < bases.length; i++) bases[i] = 'ACGT'.charCodeAt((random() >>> 8) & 3);
    return bases;
  });
}

async function writeReference(genome: readonly Buffer[], path: string): Promise<void> {
  const out = createWriteStream(path);
  for (const [i, bases] of genome.entries()) {
    out.write(`>chr${i + 1}\n`);
    const text = bases.toString('latin1');
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += LINE_BASES) lines.push(text.slice(at, at + LINE_BASES));
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function writeBam(
  genome: readonly Buffer[],
  random: Random,
  path: string,
  reads: number,
): Promise<void> {
  const samtools = spawn('samtools', ['view', '-b', '-@', '1', '--no-PG', '-o', `${path}.unfinished`, '-'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const exit = once(samtools, 'exit');
  const header = genome.map((bases, i) => `@SQ\tSN:chr${i + 1}\tLN:${bases.length}\n`).join('');
  samtools.stdin.write(`@HD\tVN:1.6\tSO:coordinate\n${header}@RG\tID:one\tSM:simulated\n`);
  for (const text of samText(genome, random, reads))
    if (!samtools.stdin.write(text, 'latin1')) await once(samtools.stdin, 'drain');
  samtools.stdin.end();
  const [code] = (await exit) as [number];
  if (code !== 0) throw new Error(`samtools view ended with ${code}`);
  await rename(`${path}.unfinished`, path);
}

function* samText(genome: readonly Buffer[], random: Random, reads: number): Generator<string> {
  const qualities = Array.from({ length: 1 << 16 }, () => makeQuality(random));
  const perContig = reads / CONTIGS;
  const step = (CONTIG_BASES - 2 * READ_BASES) / perContig;
  let lines: string[] = [];
  for (const [contig, bases] of genome.entries()) {
    for (let i = 0; i < perContig; i++) {
      const start = Math.floor(i * step);
      lines.push(samLine(contig, start, bases, random, qualities[(random() >>> 8) & 0xffff]!));
      if (lines.length < 4000) continue;
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

function samLine(contig: number, start: number, bases: Buffer, random: Random, quality: string): string {
  const roll = random();
  const name = `A00111:462:HLFF3DRXX:${(roll & 3) + 1}:${2100 + ((roll >>> 4) & 127)}:${(roll >>> 11) & 32767}:${random() & 32767}`;
  const sequence = bases.toString('latin1', start, start + READ_BASES);
  const changed = (roll >>> 26) & 7 ? -1 : (random() >>> 8) % READ_BASES;
  const base = changed < 0 ? '' : sequence[changed]!;
  const read =
    changed < 0
      ? sequence
      : sequence.slice(0, changed) + (base === 'A' ? 'C' : 'A') + sequence.slice(changed + 1);
  const tags =
    changed < 0
      ? `NM:i:0\tMD:Z:${READ_BASES}\tAS:i:150`
      : `NM:i:1\tMD:Z:${changed}${base}${READ_BASES - 1 - changed}\tAS:i:145`;
  const mate = start + 200 + ((roll >>> 8) & 127);
  return `${name}\t99\tchr${contig + 1}\t${start + 1}\t60\t150M\t=\t${mate + 1}\t${mate + READ_BASES - start}\t${read}\t${quality}\t${tags}\tXS:i:${roll & 63}\tRG:Z:one\n`;
}

/** Mostly the best bin, broken by single worse ones. */
function makeQuality(random: Random): string {
  let quality = '';
  while (quality.length < READ_BASES) {
    const roll = random() >>> 8;
    quality += QUALITIES[3]!.repeat((roll >>> 2) % 16) + QUALITIES[roll & 3]!;
  }
  return quality.slice(0, READ_BASES);
}
