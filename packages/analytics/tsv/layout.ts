import type { Column } from '../table/columns.ts';
import type { ColumnType } from '../table/type.ts';

export type AnnotationType =
  | 'GENERIC'
  | 'CHR_POS'
  | 'CHR_POS_REF_ALT'
  | 'CHR_START_END_ONE_BASE'
  | 'CHR_START_END_REF_ALT_ONE_BASE'
  | 'CHR_START_END_ZERO_BASE'
  | 'CHR_START_END_REF_ALT_ZERO_BASE';
export type LayoutKey = 'CHR' | 'START' | 'END' | 'REF' | 'ALT' | 'POS';
export type SchemaType = 'LONG' | 'INT' | 'STRING' | 'FLOAT' | 'DOUBLE' | 'BOOLEAN';

export interface SchemaColumn {
  /** Lower case, as SQL sees it. */
  readonly name: string;
  readonly type: SchemaType;
}

/** A TSV store's or version's options: what its files' columns are, and which of them say where a row lies. */
export interface TsvLayout {
  readonly annotationType: AnnotationType;
  /** Column names in lower case. */
  readonly formatToHeader: Readonly<Partial<Record<LayoutKey, string>>>;
  readonly schema: readonly SchemaColumn[];
}

export interface AnnotationRule {
  readonly keys: readonly LayoutKey[];
  readonly oneBased: boolean;
  /** The file has a position alone, and the table gets an `end`. */
  readonly addsEnd: boolean;
}

const range = ['CHR', 'START', 'END'] as const;
const alleles = ['REF', 'ALT'] as const;

/** The guide's table "Annotation store import job examples". */
export const ANNOTATION_RULES: Readonly<Record<AnnotationType, AnnotationRule>> = {
  GENERIC: { keys: [], oneBased: false, addsEnd: false },
  CHR_POS: { keys: ['CHR', 'POS'], oneBased: true, addsEnd: true },
  CHR_POS_REF_ALT: { keys: ['CHR', 'POS', ...alleles], oneBased: true, addsEnd: true },
  CHR_START_END_ONE_BASE: { keys: range, oneBased: true, addsEnd: false },
  CHR_START_END_REF_ALT_ONE_BASE: { keys: [...range, ...alleles], oneBased: true, addsEnd: false },
  CHR_START_END_ZERO_BASE: { keys: range, oneBased: false, addsEnd: false },
  CHR_START_END_REF_ALT_ZERO_BASE: { keys: [...range, ...alleles], oneBased: false, addsEnd: false },
};

const TYPES: Readonly<Record<SchemaType, ColumnType>> = {
  LONG: 'bigint',
  INT: 'int',
  STRING: 'string',
  FLOAT: 'float',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
};
const POSITIONS: ReadonlySet<LayoutKey> = new Set(['START', 'END', 'POS']);

/** The table's columns: the schema's, `end` where the type adds it, and a map of the file's columns beyond the schema. */
export function tsvColumns({ annotationType, schema }: TsvLayout): readonly Column[] {
  const end: Column[] = ANNOTATION_RULES[annotationType].addsEnd ? [{ name: 'end', type: 'bigint' }] : [];
  const columns = schema.map(({ name, type }): Column => ({ name, type: TYPES[type] }));
  return [...columns, ...end, { name: 'information', type: { map: ['string', 'string'] } }];
}

/** What is wrong with a layout, for its user; undefined where nothing is. */
export function layoutProblem(layout: TsvLayout): string | undefined {
  const { annotationType, schema, formatToHeader } = layout;
  if (schema.length === 0) return 'schema must name the columns of the file';
  const names = schema.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `schema has the column "${twice}" twice (names do not differ by case)`;
  const { keys, addsEnd } = ANNOTATION_RULES[annotationType];
  const added = names.find((name) => name === 'information' || (addsEnd && name === 'end'));
  if (added !== undefined)
    return `schema has a column "${added}", which ${annotationType} tables add themselves`;
  return (
    keys.map((key) => keyProblem(layout, key)).find(Boolean) ??
    unusedKey(formatToHeader, keys, annotationType)
  );
}

function keyProblem(
  { annotationType, formatToHeader, schema }: TsvLayout,
  key: LayoutKey,
): string | undefined {
  const name = formatToHeader[key];
  if (name === undefined) return `${annotationType} needs formatToHeader to name the column of ${key}`;
  const column = schema.find((known) => known.name === name);
  if (!column) return `formatToHeader names "${name}" for ${key}, which schema does not have`;
  const allowed: readonly SchemaType[] = POSITIONS.has(key) ? ['LONG', 'INT'] : ['STRING'];
  if (allowed.includes(column.type)) return undefined;
  return `column "${name}" is ${key} and must be ${allowed.join(' or ')}, not ${column.type}`;
}

function unusedKey(
  formatToHeader: TsvLayout['formatToHeader'],
  keys: readonly LayoutKey[],
  annotationType: AnnotationType,
): string | undefined {
  const unused = Object.keys(formatToHeader).find((key) => !keys.some((known) => known === key));
  return unused && `formatToHeader names ${unused}, which ${annotationType} does not have`;
}
