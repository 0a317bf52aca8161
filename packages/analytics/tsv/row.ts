import type { Value } from '../parquet/column.ts';
import type { Place } from '../table/row-writer.ts';
import type { ReferenceSequence } from '../vcf/fasta.ts';
import { leftNormalized } from '../vcf/left-normalize.ts';
import { VcfError } from '../vcf/vcf-error.ts';
import type { ColumnPlan } from './header.ts';
import { ANNOTATION_RULES, type AnnotationRule, type LayoutKey, type TsvLayout } from './layout.ts';
import type { Field } from './split-row.ts';
import { typedValue, WrongValue } from './value.ts';

export interface TsvRow {
  /** In the order of the layout's columns. */
  readonly values: Value[];
  readonly place: Place | undefined;
}

/** Makes rows of the store's table of the file's: typed, in the variant stores' coordinates, normalized where asked. */
export class RowReader {
  readonly #layout: TsvLayout;
  readonly #rule: AnnotationRule;
  readonly #reference: ReferenceSequence | undefined;
  /** The schema's index of each key's column. */
  readonly #at: ReadonlyMap<LayoutKey, number>;

  constructor(layout: TsvLayout, reference: ReferenceSequence | undefined) {
    this.#layout = layout;
    this.#rule = ANNOTATION_RULES[layout.annotationType];
    this.#reference = this.#rule.keys.includes('REF') ? reference : undefined;
    const index = (key: LayoutKey) =>
      layout.schema.findIndex(({ name }) => name === layout.formatToHeader[key]);
    this.#at = new Map(this.#rule.keys.map((key) => [key, index(key)]));
  }

  read(fields: readonly Field[], plan: ColumnPlan, number: number): TsvRow {
    if (fields.length !== plan.width) {
      throw new VcfError(`${fields.length} columns, where ${plan.width} are expected`, number);
    }
    const values = this.#typed(fields, plan, number);
    const place = this.#rule.keys.length > 0 ? this.#placed(values, number) : undefined;
    if (place && this.#rule.addsEnd) values.push(place.end);
    values.push(new Map(plan.others.flatMap(({ name, at }) => entry(name, fields[at]!))));
    return { values, place };
  }

  #typed(fields: readonly Field[], plan: ColumnPlan, number: number): Value[] {
    return this.#layout.schema.map(({ name, type }, index) => {
      const at = plan.schema[index];
      try {
        return at === undefined ? null : typedValue(fields[at]!, type);
      } catch (error) {
        if (error instanceof WrongValue) throw new VcfError(`column "${name}": ${error.message}`, number);
        throw error;
      }
    });
  }

  /** Makes the coordinates 0-based, half-open, in the values themselves. */
  #placed(values: Value[], number: number): Place {
    const contig = String(this.#needed(values, 'CHR', number));
    const point = this.#at.has('POS');
    const first = Number(this.#needed(values, point ? 'POS' : 'START', number));
    const start = this.#rule.oneBased ? first - 1 : first;
    const end = point
      ? start + (this.#at.has('REF') ? String(this.#needed(values, 'REF', number)).length : 1)
      : Number(this.#needed(values, 'END', number));
    if (end < start) throw new VcfError(`the end ${end} lies before the start ${first}`, number);
    const place = this.#reference
      ? this.#normalized(values, { contig, start, end }, number)
      : { contig, start, end };
    this.#put(values, point ? 'POS' : 'START', place.start);
    if (!point) this.#put(values, 'END', place.end);
    return place;
  }

  #normalized(values: Value[], { contig, start, end }: Place, number: number): Place {
    const reference = String(this.#needed(values, 'REF', number));
    const alternates = String(this.#needed(values, 'ALT', number)).split(',');
    const site = { contig, start, end, reference, alternates };
    const moved = leftNormalized(site, this.#reference!, number);
    values[this.#at.get('REF')!] = moved.reference;
    values[this.#at.get('ALT')!] = moved.alternates.join(',');
    return moved;
  }

  #needed(values: readonly Value[], key: LayoutKey, number: number): Value {
    const value = values[this.#at.get(key)!]!;
    if (value !== null) return value;
    throw new VcfError(
      `column "${this.#layout.formatToHeader[key]}" is ${key} and must have a value`,
      number,
    );
  }

  #put(values: Value[], key: LayoutKey, value: number): void {
    values[this.#at.get(key)!] = value;
  }
}

function entry(key: string, value: Field): (readonly [string, string])[] {
  return value === null ? [] : [[key, value]];
}
