import type { Value } from '../parquet/column.ts';
import { type Feature, unescaped } from './feature.ts';

/** The attributes that GFF3 gives a meaning, in the table's order, and how each is stored. */
const RESERVED = {
  ID: 'text',
  Name: 'text',
  Alias: 'text',
  Parent: 'list',
  Target: 'text',
  Gap: 'text',
  Derives_from: 'text',
  Note: 'list',
  Dbxref: 'list',
  Ontology_term: 'list',
  Is_circular: 'flag',
} as const;

/** One feature's values in the order of GFF_COLUMNS. */
export function featureValues(feature: Feature): Value[] {
  const { seqid, source, type, start, end, score, strand, phase, attributes } = feature;
  const reserved = Object.entries(RESERVED).map(([key, kind]) => stored(attributes.get(key), kind));
  const others = [...attributes].filter(([key]) => !(key in RESERVED));
  const information = others.map(([key, value]) => [unescaped(key), unescaped(value)] as const);
  return [seqid, source, type, start, end, score, strand, phase, ...reserved, new Map(information)];
}

/** A list's values are separated before they are unescaped: an escaped comma belongs to a value. */
function stored(value: string | undefined, kind: 'text' | 'list' | 'flag'): Value {
  if (value === undefined) return null;
  if (kind === 'list') return value.split(',').map(unescaped);
  return kind === 'flag' ? value.toLowerCase() === 'true' : unescaped(value);
}
