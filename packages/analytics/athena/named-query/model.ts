import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

/** A query kept under a name; its parent is the work group. */
export interface NamedQueryDoc {
  readonly name: string;
  readonly description: string;
  readonly database: string;
  readonly query: string;
}

export type NamedQuery = Resource<NamedQueryDoc, 'ACTIVE'>;
export type NamedQueries = ResourceTable<NamedQueryDoc, 'ACTIVE', never, Transaction>;

export function declareNamedQueries(records: Records): NamedQueries {
  return records.resource<NamedQueryDoc, 'ACTIVE'>({ kind: 'named-query', machine: { ACTIVE: {} } });
}
