import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom, type SeededRandom } from './random.ts';
import { type Difference, writeTruth } from './truth.ts';

const BASES = 'ACGT';
const GENOME_LENGTH = 60_000;
const PLANTED = 60;
const COVERAGE = 40;
const READ_LENGTH = 150;
const FRAGMENT_MEAN = 400;
const FRAGMENT_DEVIATION = 40;
const ERROR_RATE = 0.002;
const CONTIG = 'demo1';

/**
 * Writes a small genome (`reference.fasta`), paired reads of a sample that differs from it in planted SNVs
 * (`sample_R1.fastq.gz`, `sample_R2.fastq.gz`) and the differences (`truth.tsv`) into `directory`.
 */
export function simulate(directory: string, seed: number): readonly Difference[] {
  mkdirSync(directory, { recursive: true });
  const random = seededRandom(seed);
  const reference = Array.from({ length: GENOME_LENGTH }, () => BASES[random.below(4)]!);
  const planted = plant(reference, random);
  const sample = [...reference];
  for (const difference of planted) sample[difference.position - 1] = difference.alternate;
  const [forward, reverse] = sequence(sample.join(''), random);
  writeFileSync(join(directory, 'reference.fasta'), fasta(reference.join('')));
  writeFileSync(join(directory, 'sample_R1.fastq.gz'), gzipSync(forward));
  writeFileSync(join(directory, 'sample_R2.fastq.gz'), gzipSync(reverse));
  writeTruth(join(directory, 'truth.tsv'), planted);
  return planted;
}

/** One SNV in each of evenly cut windows, away from the genome's ends, where coverage falls off. */
function plant(reference: readonly string[], random: SeededRandom): readonly Difference[] {
  const margin = 1_000;
  const window = (GENOME_LENGTH - 2 * margin) / PLANTED;
  return Array.from({ length: PLANTED }, (_, index) => {
    const position = margin + Math.floor(index * window) + random.below(Math.floor(window) - 20) + 1;
    const base = reference[position - 1]!;
    const others = [...BASES].filter((candidate) => candidate !== base);
    return { contig: CONTIG, position, reference: base, alternate: others[random.below(3)]! };
  });
}

function sequence(sample: string, random: SeededRandom): readonly [string, string] {
  const pairs = Math.round((GENOME_LENGTH * COVERAGE) / (2 * READ_LENGTH));
  const forward: string[] = [];
  const reverse: string[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const length = Math.max(2 * READ_LENGTH, Math.round(random.normal(FRAGMENT_MEAN, FRAGMENT_DEVIATION)));
    const start = random.below(sample.length - length);
    const fragment = sample.slice(start, start + length);
    const strands = [fragment.slice(0, READ_LENGTH), reverseComplement(fragment.slice(-READ_LENGTH))];
    if (random.below(2) === 1) strands.reverse();
    forward.push(record(`demo:${pair + 1}/1`, strands[0]!, random));
    reverse.push(record(`demo:${pair + 1}/2`, strands[1]!, random));
  }
  return [forward.join(''), reverse.join('')];
}

function record(name: string, bases: string, random: SeededRandom): string {
  let read = '';
  let qualities = '';
  for (const base of bases) {
    const wrong = random.next() < ERROR_RATE;
    read += wrong ? BASES[(BASES.indexOf(base) + 1 + random.below(3)) % 4]! : base;
    qualities += String.fromCharCode(33 + (wrong ? 12 + random.below(8) : 32 + random.below(8)));
  }
  return `@${name}\n${read}\n+\n${qualities}\n`;
}

function reverseComplement(bases: string): string {
  return [...bases]
    .reverse()
    .map((base) => BASES[3 - BASES.indexOf(base)]!)
    .join('');
}

function fasta(bases: string): string {
  return `>${CONTIG} simulated by helicase demo\n${bases.match(/.{1,70}/g)!.join('\n')}\n`;
}
