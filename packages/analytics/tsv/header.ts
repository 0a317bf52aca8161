import { VcfError } from '../vcf/vcf-error.ts';
import { ANNOTATION_RULES, type TsvLayout } from './layout.ts';
import type { Field } from './split-row.ts';

/** Where a file's columns go. */
export interface ColumnPlan {
  /** How many values a row has. */
  readonly width: number;
  /** By the schema's column: the file's column, or undefined where the file lacks it. */
  readonly schema: readonly (number | undefined)[];
  /** The file's columns beyond the schema, for the `information` map. */
  readonly others: readonly { readonly name: string; readonly at: number }[];
}

/** A file without a header has the schema's columns in the schema's order. */
export function planWithoutHeader({ schema }: TsvLayout): ColumnPlan {
  return { width: schema.length, schema: schema.map((_, index) => index), others: [] };
}

/** A file with a header is matched by name, whatever the case. */
export function planOfHeader(header: readonly Field[], layout: TsvLayout, number: number): ColumnPlan {
  const names = header.map((name) => (name ?? '').trim());
  const lower = names.map((name) => name.toLowerCase());
  const twice = lower.find((name, index) => lower.indexOf(name) !== index);
  if (twice !== undefined) throw new VcfError(`the header has the column "${twice}" twice`, number);
  const found = layout.schema.map(({ name }) => optional(lower.indexOf(name)));
  const needed = neededColumns(layout);
  const lacking = layout.schema.find(({ name }, index) => needed.has(name) && found[index] === undefined);
  if (lacking) {
    // The guide's gnomAD store calls "start" what the file's header calls "position".
    if (isInOrder(found, names.length)) return planWithoutHeader(layout);
    throw new VcfError(`the header has no column "${lacking.name}", which formatToHeader names`, number);
  }
  const taken = new Set(found);
  const others = names.map((name, at) => ({ name, at })).filter(({ at }) => !taken.has(at));
  return { width: names.length, schema: found, others };
}

function neededColumns({ annotationType, formatToHeader }: TsvLayout): ReadonlySet<string | undefined> {
  return new Set(ANNOTATION_RULES[annotationType].keys.map((key) => formatToHeader[key]));
}

/** As many columns as the schema has, and every name that both have stands at the same place. */
function isInOrder(found: readonly (number | undefined)[], width: number): boolean {
  return width === found.length && found.every((at, index) => at === undefined || at === index);
}

function optional(index: number): number | undefined {
  return index < 0 ? undefined : index;
}
