import { readFileSync } from 'node:fs';
import { openPlainText, type PlainText } from './plain-text.ts';

/** Bases of the reference, upper case. */
export interface ReferenceSequence {
  /** Contig's length, or undefined where the reference lacks it. */
  length(contig: string): number | undefined;
  /** Bases from `start` (0-based) to `end` (exclusive), cut at the contig's ends. */
  bases(contig: string, start: number, end: number): string;
  close(): void;
}

interface Entry {
  readonly length: number;
  readonly offset: number;
  readonly lineBases: number;
  readonly lineBytes: number;
}

const WINDOW = 64 * 1024;

/**
 * A FASTA with its samtools index (.fai: name, length, offset, bases and bytes of a line), plain or bgzip with its
 * `.gzi` beside it.
 */
export function openFasta(fasta: string, index: string): ReferenceSequence {
  const entries = readIndex(index);
  const file = openPlainText(fasta);
  let window = { contig: '', start: 0, bases: '' };
  return {
    length: (contig) => entries.get(contig)?.length,
    bases: (contig, start, end) => {
      const entry = entries.get(contig);
      if (!entry) return '';
      const [from, to] = [Math.max(start, 0), Math.min(end, entry.length)];
      const { contig: held, start: first, bases } = window;
      if (held !== contig || from < first || to > first + bases.length) {
        // Normalization walks to the left of where it asks first, and records come in order.
        const begin = Math.max(0, from - WINDOW / 4);
        const stop = Math.min(entry.length, Math.max(to, begin + WINDOW));
        window = { contig, start: begin, bases: readBases(file, entry, begin, stop) };
      }
      return window.bases.slice(from - window.start, to - window.start);
    },
    close: () => file.close(),
  };
}

function readIndex(path: string): ReadonlyMap<string, Entry> {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [name, ...numbers] = line.split('\t');
      const [length, offset, lineBases, lineBytes] = numbers.map(Number);
      return [name!, { length: length!, offset: offset!, lineBases: lineBases!, lineBytes: lineBytes! }];
    }),
  );
}

function readBases(file: PlainText, entry: Entry, start: number, end: number): string {
  const first = position(entry, start);
  const bytes = file.read(first, position(entry, end) - first);
  return bytes.toString('latin1').replace(/\s+/g, '').toUpperCase();
}

function position({ offset, lineBases, lineBytes }: Entry, base: number): number {
  return offset + Math.floor(base / lineBases) * lineBytes + (base % lineBases);
}
