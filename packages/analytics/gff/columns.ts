import type { Column } from '../table/columns.ts';

/** The service's table of a GFF3 file, in its order: the nine columns, the attributes that GFF3 reserves, the rest. */
export const GFF_COLUMNS: readonly Column[] = [
  { name: 'seqid', type: 'string' },
  { name: 'source', type: 'string' },
  { name: 'type', type: 'string' },
  { name: 'start', type: 'bigint' },
  { name: 'end', type: 'bigint' },
  { name: 'score', type: 'double' },
  { name: 'strand', type: 'string' },
  { name: 'phase', type: 'int' },
  { name: 'id', type: 'string' },
  { name: 'name', type: 'string' },
  { name: 'alias', type: 'string' },
  { name: 'parent', type: { array: 'string' } },
  { name: 'target', type: 'string' },
  { name: 'gap', type: 'string' },
  { name: 'derivesfrom', type: 'string' },
  { name: 'note', type: { array: 'string' } },
  { name: 'dbxref', type: { array: 'string' } },
  { name: 'ontologyterm', type: { array: 'string' } },
  { name: 'is_circular', type: 'boolean' },
  { name: 'information', type: { map: ['string', 'string'] } },
];
