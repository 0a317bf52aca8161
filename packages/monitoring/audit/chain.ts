import { hash as digest } from 'node:crypto';

/** Where a chain of records stands: how many it has, and the hash that the next one is chained to. */
export interface ChainHead {
  readonly count: number;
  readonly hash: string;
}

export const CHAIN_START: ChainHead = { count: 0, hash: '0'.repeat(64) };

/** The head after these records: each hash is over the one before and the record's text, so none can be changed or left out. */
export function chained(head: ChainHead, records: readonly string[]): ChainHead {
  let { hash } = head;
  for (const record of records) hash = digest('sha256', hash + record, 'hex');
  return { count: head.count + records.length, hash };
}
