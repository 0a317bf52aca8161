import { DuckDBListValue, DuckDBMapValue, type DuckDBValue } from '@duckdb/node-api';
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
export function featureValues(feature: Feature): DuckDBValue[] {
  const { seqid, source, type, start, end, score, strand, phase, attributes } = feature;
  const reserved = Object.entries(RESERVED).map(([key, kind]) => stored(attributes.get(key), kind));
  const others = [...attributes].filter(([key]) => !(key in RESERVED));
  const information = others.map(([key, value]) => ({ key: unescaped(key), value: unescaped(value) }));
  return [
    seqid,
    source,
    type,
    BigInt(start),
    BigInt(end),
    score,
    strand,
    phase,
    ...reserved,
    new DuckDBMapValue(information),
  ];
}

/** A list's values are separated before they are unescaped: an escaped comma belongs to a value. */
function stored(value: string | undefined, kind: 'text' | 'list' | 'flag'): DuckDBValue {
  if (value === undefined) return null;
  if (kind === 'list') return new DuckDBListValue(value.split(',').map(unescaped));
  return kind === 'flag' ? value.toLowerCase() === 'true' : unescaped(value);
}
