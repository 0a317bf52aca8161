import { BYTE, floatOf, isDot, next, plainInteger } from './bytes.ts';
import type { VcfHeader } from './header.ts';
import { Info } from './info.ts';
import { EndReader } from './record-end.ts';
import { shown, VcfError } from './vcf-error.ts';

/** Fields that are neither read nor checked: their values are as if the file had `.` there. */
export interface VcfReading {
  readonly ignoreQuality?: boolean;
  readonly ignoreFilter?: boolean;
}

const CHROM = 0;
const POS = 1;
const ID = 2;
const REF = 3;
const ALT = 4;
const QUAL = 5;
const FILTER = 6;
const INFO = 7;
const FORMAT = 8;
const FIXED = 8;

const BASES = new Uint8Array(256);
for (const base of 'ACGTNRYSWKMBDHVacgtnryswkmbdhv') BASES[base.charCodeAt(0)] = 1;

/**
 * One record at a time, as ranges of the bytes it was read from: nothing is copied. Coordinates are the variant store's:
 * 0-based, end exclusive.
 */
export class RecordReader {
  readonly info = new Info();
  bytes: Buffer = Buffer.alloc(0);
  line = 0;
  start = 0;
  /** As far as its alleles reach (`record-end.ts`). */
  end = 0;
  quality: number | null = null;
  /** Where the first sample's column begins; the line's end where there is none. */
  samplesStart = 0;
  lineEnd = 0;
  readonly #from = new Int32Array(FIXED + 1);
  readonly #to = new Int32Array(FIXED + 1);
  readonly #samples: number;
  readonly #reading: VcfReading;
  readonly #end: EndReader;

  constructor(header: VcfHeader, reading: VcfReading = {}) {
    this.#samples = header.samples.length;
    this.#reading = reading;
    this.#end = new EndReader(header, this);
  }

  /** Reads the line's columns up to FORMAT. Throws VcfError naming the line and what is wrong. */
  read(bytes: Buffer, start: number, end: number, line: number): void {
    this.bytes = bytes;
    this.line = line;
    this.lineEnd = end;
    this.#split(start, end);
    this.#checkContig();
    this.#readPosition();
    const reference = this.range('REF');
    if (!isBases(bytes, reference.start, reference.end)) {
      throw this.wrong(`REF must be bases, found ${this.shown(REF)}`);
    }
    this.#checkAlternates();
    this.#readQuality();
    this.info.read(bytes, this.#from[INFO]!, this.#to[INFO]!, line);
    this.end = this.#end.read(this, reference.end - reference.start);
  }

  range(column: 'CHROM' | 'ID' | 'REF' | 'ALT' | 'FILTER' | 'FORMAT'): {
    readonly start: number;
    readonly end: number;
  } {
    const index = { CHROM, ID, REF, ALT, FILTER, FORMAT }[column];
    return { start: this.#from[index]!, end: this.#to[index]! };
  }

  text(column: 'CHROM' | 'REF' | 'ALT'): string {
    const { start, end } = this.range(column);
    return this.bytes.toString('utf8', start, end);
  }

  /** ID and FILTER may be `.`, and FILTER may be told to be. */
  hasList(column: 'ID' | 'ALT' | 'FILTER'): boolean {
    if (column === 'FILTER' && this.#reading.ignoreFilter) return false;
    const { start, end } = this.range(column);
    return end > start && !isDot(this.bytes, start, end);
  }

  shown(column: number): string {
    return shown(this.bytes.toString('utf8', this.#from[column]!, this.#to[column]!));
  }

  wrong(problem: string): VcfError {
    return new VcfError(problem, this.line);
  }

  #split(start: number, end: number): void {
    const { bytes } = this;
    const wanted = this.#samples > 0 ? FIXED + 1 : FIXED;
    let from = start;
    for (let column = 0; column < wanted; column++) {
      const to = next(bytes, BYTE.tab, from, end);
      this.#from[column] = from;
      this.#to[column] = to;
      if (to === end && column < wanted - 1) throw this.#wrongCount(start, end);
      from = to + 1;
    }
    this.samplesStart = from;
    // A header that names FORMAT but no sample leaves a ninth column.
    if (this.#samples === 0) {
      if (from <= end && next(bytes, BYTE.tab, from, end) < end) throw this.#wrongCount(start, end);
    } else if (from > end) throw this.#wrongCount(start, end);
  }

  /** Told by whoever walks the samples, too. */
  wrongCount(): VcfError {
    return this.#wrongCount(this.#from[0]!, this.lineEnd);
  }

  #wrongCount(start: number, end: number): VcfError {
    let columns = 1;
    for (let at = start; at < end; at++) if (this.bytes[at] === BYTE.tab) columns++;
    const expected = this.#samples > 0 ? FIXED + 1 + this.#samples : FIXED;
    return this.wrong(`${columns} columns, but the header has ${expected}`);
  }

  #checkContig(): void {
    const { start, end } = this.range('CHROM');
    if (start === end || isDot(this.bytes, start, end)) throw this.wrong('CHROM is missing');
  }

  #readPosition(): void {
    const [from, to] = [this.#from[POS]!, this.#to[POS]!];
    const plain = plainInteger(this.bytes, from, to);
    if (plain >= 0) {
      this.start = plain - 1;
      return;
    }
    const text = this.bytes.toString('utf8', from, to);
    if (!/^\d{1,10}$/.test(text)) throw this.wrong(`POS must be a number, found ${shown(text)}`);
    this.start = Number(text) - 1;
  }

  #checkAlternates(): void {
    const { start, end } = this.range('ALT');
    if (!this.hasList('ALT')) return;
    for (let from = start; from <= end;) {
      const to = next(this.bytes, BYTE.comma, from, end);
      if (!isBases(this.bytes, from, to)) this.#checkAlternate(this.bytes.toString('utf8', from, to));
      from = to + 1;
    }
  }

  #checkAlternate(allele: string): void {
    // Bases, `*`, `<ID>`, breakends and `.`-led or `.`-ended single breakends (VCF 4.x, 1.6.1).
    if (/^([ACGTNRYSWKMBDHV]+|\*|<[^<>\s]+>|[^\s,]*[[\]][^\s,]*|\.[ACGTN]+|[ACGTN]+\.)$/i.test(allele))
      return;
    throw this.wrong(`ALT ${shown(allele)} is no allele`);
  }

  #readQuality(): void {
    const [from, to] = [this.#from[QUAL]!, this.#to[QUAL]!];
    this.quality = null;
    if (this.#reading.ignoreQuality || isDot(this.bytes, from, to)) return;
    const plain = plainInteger(this.bytes, from, to);
    const quality = Number.isNaN(plain) ? floatOf(this.bytes.toString('latin1', from, to)) : plain;
    if (quality === undefined) throw this.wrong(`QUAL must be a number or ".", found ${this.shown(QUAL)}`);
    this.quality = quality;
  }
}

function isBases(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (BASES[bytes[at]!] === 0) return false;
  return end > start;
}
