import { BYTE, isDot, next, plainInteger, sameBytes } from './bytes.ts';
import type { VcfHeader } from './header.ts';
import type { RecordReader } from './record.ts';
import { shown } from './vcf-error.ts';

/** The first version 4.x in which a missing END "must be computed from the SVLEN field" (VCF 4.4, 1.6.1, END). */
const INFERRED_SINCE = 4;
/** The first in which END is computed always, from the samples' LEN too. */
const COMPUTED_SINCE = 5;
/** Alleles whose SVLEN are bases of the reference, subtypes too; an <INS> has its bases elsewhere. */
const ON_REFERENCE = /^<(DEL|DUP|INV|CNV)[:>]/;
/** "<NON_REF> should be treated as an alias of <*>" (VCF 4.5, 5.5). */
const REFERENCE_BLOCKS = [Buffer.from('<*>'), Buffer.from('<NON_REF>')];
const LEN = Buffer.from('LEN');

/**
 * Where records end, exclusive. Up to VCF 4.3 that is INFO END, or REF's last base where there is none; in 4.4 INFO END, or
 * the furthest of REF and SVLEN. From 4.5 on it is the furthest of REF's last base, POS + SVLEN of the symbolic alleles
 * and POS + LEN of the samples' reference blocks (1.6.1, END). INFO END is the same by the specification, and stands for
 * what is missing; where it is not the same the furthest counts as well, as in htslib since 1.22: no query of a region
 * leaves out what reaches into it.
 */
export class EndReader {
  readonly #minor: number;
  readonly #samples: readonly string[];
  readonly #end: number;
  readonly #svlen: number;

  constructor({ version, samples }: VcfHeader, { info }: RecordReader) {
    this.#minor = Number(version.slice('VCFv4.'.length));
    this.#samples = samples;
    this.#end = info.numberOf('END');
    this.#svlen = info.numberOf('SVLEN');
  }

  /** Of the record as it was read up to FORMAT. Throws VcfError where a length that counts is no number. */
  read(record: RecordReader, referenceLength: number): number {
    const reference = record.start + referenceLength;
    const given = this.#given(record);
    if (this.#minor < INFERRED_SINCE) return given ?? reference;
    if (this.#minor < COMPUTED_SINCE && given !== undefined) return given;
    return Math.max(reference, given ?? 0, record.start + this.#longestAllele(record));
  }

  #given(record: RecordReader): number | undefined {
    const { info, bytes } = record;
    const entry = info.find(this.#end);
    if (entry < 0) return undefined;
    const [from, to] = [info.valueStart[entry]!, info.valueEnd[entry]!];
    const plain = from < 0 ? NaN : plainInteger(bytes, from, to);
    if (plain > 0) return plain;
    if (isDot(bytes, from, to)) return undefined;
    const text = from < 0 ? 'true' : bytes.toString('utf8', from, to);
    if (/^\d{1,10}$/.test(text)) return Number(text);
    throw record.wrong(`INFO END must be a number, found ${shown(text)}`);
  }

  /** On the reference, of those that are symbolic; 0 where there is none. */
  #longestAllele(record: RecordReader): number {
    const { bytes } = record;
    const { start, end } = record.range('ALT');
    let lengths: readonly string[] | undefined;
    let isBlock = false;
    let longest = 0;
    let index = 0;
    for (let from = start; from < end; index++) {
      const to = next(bytes, BYTE.comma, from, end);
      if (bytes[from] === BYTE.less) {
        if (isReferenceBlock(bytes, from, to)) isBlock = this.#minor >= COMPUTED_SINCE;
        else if (ON_REFERENCE.test(bytes.toString('latin1', from, to))) {
          lengths ??= this.#variantLengths(record);
          longest = Math.max(longest, variantLength(record, lengths[index] ?? '.'));
        }
      }
      from = to + 1;
    }
    return isBlock ? Math.max(longest, this.#longestBlock(record)) : longest;
  }

  /** One for each ALT allele. */
  #variantLengths({ info, bytes }: RecordReader): readonly string[] {
    const entry = info.find(this.#svlen);
    if (entry < 0) return [];
    const from = info.valueStart[entry]!;
    return from < 0 ? ['true'] : bytes.toString('utf8', from, info.valueEnd[entry]).split(',');
  }

  /** Of all samples: each may have a block of its own length. */
  #longestBlock(record: RecordReader): number {
    const field = this.#samples.length > 0 ? fieldOf(record, LEN) : -1;
    if (field < 0) return 0;
    const { bytes, lineEnd } = record;
    let longest = 0;
    let at = record.samplesStart;
    for (const sample of this.#samples) {
      const end = next(bytes, BYTE.tab, at, lineEnd);
      longest = Math.max(longest, blockLength(record, sample, field, at, end));
      at = end + 1;
    }
    return longest;
  }
}

function isReferenceBlock(bytes: Buffer, from: number, to: number): boolean {
  return REFERENCE_BLOCKS.some((name) => sameBytes(bytes, from, to, name));
}

/** With the base at POS, which lies before the variant. */
function variantLength(record: RecordReader, text: string): number {
  if (text === '.') return 0;
  if (/^-?\d{1,10}$/.test(text)) return 1 + Math.abs(Number(text));
  throw record.wrong(`INFO SVLEN must be whole numbers, found ${shown(text)}`);
}

/** Where the key stands in the record's FORMAT, or -1. */
function fieldOf(record: RecordReader, key: Buffer): number {
  const { start, end } = record.range('FORMAT');
  let index = 0;
  for (let from = start; from < end; index++) {
    const to = next(record.bytes, BYTE.colon, from, end);
    if (sameBytes(record.bytes, from, to, key)) return index;
    from = to + 1;
  }
  return -1;
}

/** Trailing values may be left out. */
function blockLength(
  record: RecordReader,
  sample: string,
  field: number,
  start: number,
  end: number,
): number {
  const { bytes } = record;
  let from = start;
  for (let left = field; left > 0 && from < end; left--) from = next(bytes, BYTE.colon, from, end) + 1;
  const to = next(bytes, BYTE.colon, from, end);
  if (from >= to || isDot(bytes, from, to)) return 0;
  const plain = plainInteger(bytes, from, to);
  if (plain >= 0) return plain;
  throw record.wrong(
    `sample ${sample}: LEN must be a whole number, found ${shown(bytes.toString('utf8', from, to))}`,
  );
}
