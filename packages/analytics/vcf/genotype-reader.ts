import type { RowGroupBuilder } from '../parquet/row-group.ts';
import type { BooleanLeaf, DoubleLeaf, IntLeaf, Leaf, TextLeaf } from '../parquet/leaf.ts';
import { GENOTYPE_TEXT } from '../table/columns.ts';
import { BYTE, floatOf, isDot, next, plainInteger } from './bytes.ts';
import type { RecordReader } from './record.ts';
import { shown, VcfError } from './vcf-error.ts';

/** How a FORMAT key's value is stored. */
type Kind = 'calls' | 'integer' | 'integers' | 'doubles' | 'other';

interface Key {
  readonly name: string;
  readonly kind: Kind;
  readonly leaf: Leaf | undefined;
  /** Its name as `information` has it. */
  readonly bytes: Buffer;
}

/** The keys with a column of their own. */
const NAMED: Readonly<Record<string, readonly [column: string, kind: Kind]>> = {
  GT: ['calls', 'calls'],
  GL: ['genotypelikelihoods', 'doubles'],
  PL: ['phredlikelihoods', 'integers'],
  AD: ['alleledepths', 'integers'],
  GQ: ['conditionalquality', 'integer'],
  SPL: ['spl', 'integers'],
  DP: ['depth', 'integer'],
  PS: ['ps', 'integer'],
};

const INTEGER_LIMIT = 2 ** 31;
/** Definition of a null element in a list that is there. */
const NULL_ELEMENT = 2;
/** A missing allele in `calls`. */
const MISSING = -1;

/** Reads samples' columns straight into the table's: one row a sample. */
export class GenotypeReader {
  readonly #calls: IntLeaf;
  /** Of cohorts alone. */
  readonly #text: TextLeaf | undefined;
  readonly #phased: BooleanLeaf;
  readonly #sampleId: TextLeaf;
  readonly #informationKeys: TextLeaf;
  readonly #informationValues: TextLeaf;
  readonly #columns: ReadonlyMap<string, Leaf>;
  readonly #samples: readonly Buffer[];
  /** Columns that the record's FORMAT does not name. */
  #absent: readonly Leaf[] = [];
  #keys: readonly Key[] = [];
  #format = '';

  constructor(builder: RowGroupBuilder, samples: readonly string[]) {
    const leaf = (name: string) => builder.columns.get(name)!.leaves[0]!.leaf;
    this.#columns = new Map(Object.values(NAMED).map(([column]) => [column, leaf(column)]));
    this.#calls = leaf('calls') as IntLeaf;
    this.#text = builder.columns.get(GENOTYPE_TEXT.name)?.leaves[0]!.leaf as TextLeaf | undefined;
    this.#phased = leaf('phased') as BooleanLeaf;
    this.#sampleId = leaf('sampleid') as TextLeaf;
    const [keys, values] = builder.columns.get('information')!.leaves;
    this.#informationKeys = keys!.leaf as TextLeaf;
    this.#informationValues = values!.leaf as TextLeaf;
    this.#samples = samples.map((sample) => Buffer.from(sample));
  }

  /** A record of a file without samples has one row, in which these are all null. */
  none(): void {
    for (const leaf of this.#columns.values()) leaf.nothing(0, 0);
    this.#noGenotype();
    this.#sampleId.nothing(0, 0);
    this.#noInformation();
  }

  /** Takes the record's FORMAT; the samples' columns follow. */
  begin(record: RecordReader): void {
    const { start, end } = record.range('FORMAT');
    const format = record.bytes.toString('utf8', start, end);
    if (format === this.#format) return;
    const keys = format.split(':').map((name) => this.#key(name));
    const twin = keys.find((key, index) => keys.findIndex(({ bytes }) => bytes.equals(key.bytes)) !== index);
    if (twin) throw record.wrong(`FORMAT names ${twin.name} twice`);
    const named = new Set(keys.map(({ leaf }) => leaf));
    this.#absent = [...this.#columns.values()].filter((leaf) => !named.has(leaf));
    this.#keys = keys;
    this.#format = format;
  }

  /** Reads the column that begins at `start`; answers where it ends. Trailing values may be left out. */
  read(record: RecordReader, index: number, start: number): number {
    const { bytes, lineEnd } = record;
    const sample = this.#samples[index]!;
    this.#sampleId.add(0, sample, 0, sample.length);
    let others = 0;
    let hasCalls = false;
    let field = 0;
    let from = start;
    for (;;) {
      let to = from;
      let byte = BYTE.tab as number;
      while (to < lineEnd && (byte = bytes[to]!) !== BYTE.colon && byte !== BYTE.tab) to++;
      const key = this.#keys[field];
      if (!key) throw this.#tooMany(record, index, start);
      if (key.kind === 'calls') hasCalls = this.#takeCalls(record, index, from, to);
      else if (to === from || isDot(bytes, from, to)) key.leaf?.nothing(0, 0);
      else if (key.leaf) this.#take(record, index, key, key.leaf, from, to);
      else this.#takeOther(key, bytes, from, to, others++);
      field++;
      from = to + 1;
      if (to >= lineEnd || byte === BYTE.tab) break;
    }
    for (; field < this.#keys.length; field++) this.#keys[field]!.leaf?.nothing(0, 0);
    for (const leaf of this.#absent) leaf.nothing(0, 0);
    if (!hasCalls) this.#noGenotype();
    if (others === 0) this.#noInformation();
    return from - 1;
  }

  #key(name: string): Key {
    const [column, kind] = NAMED[name] ?? [undefined, 'other' as const];
    const leaf = column === undefined ? undefined : this.#columns.get(column);
    return { name, kind, leaf, bytes: Buffer.from(name === 'FT' ? 'genotype_filters' : name) };
  }

  #noGenotype(): void {
    this.#phased.nothing(0, 0);
    this.#text?.nothing(0, 0);
  }

  #noInformation(): void {
    this.#informationKeys.nothing(0, 0);
    this.#informationValues.nothing(0, 0);
  }

  #takeOther(key: Key, bytes: Buffer, from: number, to: number, before: number): void {
    const repetition = before === 0 ? 0 : 1;
    this.#informationKeys.add(repetition, key.bytes, 0, key.bytes.length);
    this.#informationValues.add(repetition, bytes, from, to);
  }

  #take(record: RecordReader, index: number, key: Key, leaf: Leaf, from: number, to: number): void {
    const { bytes } = record;
    if (key.kind === 'integer') {
      const plain = plainInteger(bytes, from, to);
      (leaf as IntLeaf).add(0, Number.isNaN(plain) ? this.#integer(record, index, key, from, to) : plain);
      return;
    }
    let repetition = 0;
    for (let at = from; at <= to; repetition = 1) {
      const end = next(bytes, BYTE.comma, at, to);
      if (end === at || isDot(bytes, at, end)) leaf.nothing(repetition, NULL_ELEMENT);
      else if (key.kind === 'doubles') {
        (leaf as DoubleLeaf).add(repetition, this.#number(record, index, key, at, end));
      } else {
        const plain = plainInteger(bytes, at, end);
        (leaf as IntLeaf).add(
          repetition,
          Number.isNaN(plain) ? this.#integer(record, index, key, at, end) : plain,
        );
      }
      at = end + 1;
    }
  }

  /** `0/1`, `1|0`, `.`, `1`, also VCF 4.4's leading separator (`/0/1`). Answers whether there are any. */
  #takeCalls(record: RecordReader, index: number, from: number, to: number): boolean {
    const { bytes } = record;
    if (from === to) {
      this.#calls.nothing(0, 0);
      return false;
    }
    let [pipes, slashes] = [0, 0];
    let at = from;
    if (isSeparator(bytes[at]!)) {
      if (bytes[at++] === BYTE.pipe) pipes++;
      else slashes++;
    }
    let repetition = 0;
    for (;;) {
      const start = at;
      while (at < to && !isSeparator(bytes[at]!)) at++;
      const allele = isDot(bytes, start, at) ? MISSING : plainInteger(bytes, start, at);
      if (Number.isNaN(allele) || (allele < 0 && bytes[start] !== BYTE.dot)) {
        throw this.#wrong(record, index, `GT ${shownBytes(bytes, from, to)} is no genotype`);
      }
      this.#calls.add(repetition, allele);
      repetition = 1;
      if (at === to) break;
      if (bytes[at++] === BYTE.pipe) pipes++;
      else slashes++;
    }
    this.#phased.add(0, pipes > 0 && slashes === 0);
    this.#text?.add(0, bytes, from, to);
    return true;
  }

  #number(record: RecordReader, index: number, { name }: Key, from: number, to: number): number {
    const text = record.bytes.toString('latin1', from, to);
    const number = floatOf(text);
    if (number !== undefined) return number;
    throw this.#wrong(record, index, `${name} must be a number, found ${shown(text)}`);
  }

  /** Some callers write whole quantities with a fraction (GQ 99.0 or 47.3); the service's column is an integer. */
  #integer(record: RecordReader, index: number, key: Key, from: number, to: number): number {
    const whole = Math.round(this.#number(record, index, key, from, to));
    if (Number.isNaN(whole) || Math.abs(whole) >= INTEGER_LIMIT) {
      const found = shownBytes(record.bytes, from, to);
      throw this.#wrong(record, index, `${key.name} must be an integer of 32 bits, found ${found}`);
    }
    return whole;
  }

  #tooMany(record: RecordReader, index: number, start: number): VcfError {
    const column = record.bytes.toString('utf8', start, next(record.bytes, BYTE.tab, start, record.lineEnd));
    const named = this.#keys.length === 1 ? '1 field' : `${this.#keys.length} fields`;
    return this.#wrong(record, index, `has ${column.split(':').length} fields, but FORMAT names ${named}`);
  }

  #wrong(record: RecordReader, index: number, problem: string): VcfError {
    return new VcfError(`sample ${this.#samples[index]!.toString()}: ${problem}`, record.line);
  }
}

function isSeparator(byte: number): boolean {
  return byte === BYTE.slash || byte === BYTE.pipe;
}

function shownBytes(bytes: Buffer, from: number, to: number): string {
  return shown(bytes.toString('utf8', from, to));
}
