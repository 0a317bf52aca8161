import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { parseReferenceArn } from '../arns.ts';
import { keepFiles } from '../content/contents.ts';
import type { Ingested } from '../ingest/model.ts';
import { SourceRefused } from '../item-job/refused.ts';
import { lockRow } from '../lock-row.ts';
import type { Room } from '../room.ts';
import { touchReadSet } from '../tiering/idle.ts';
import type { ReadSetDoc } from './model.ts';

interface NewReadSet {
  readonly scope: Scope;
  readonly store: string;
  readonly id: string;
  readonly ingested: Ingested;
  /** What the caller said of it. */
  readonly doc: Omit<ReadSetDoc, keyof Ingested>;
}

/** Makes an ACTIVE read set of what was ingested, unless its store or its reference was deleted meanwhile. */
export async function insertReadSet(room: Room, tx: Transaction, row: NewReadSet): Promise<void> {
  const { scope, store, id } = row;
  await holdPlace(room, tx, row);
  const files = await keepFiles(room, tx, { scope, id: store }, row.ingested.files);
  const doc = { ...row.doc, ...row.ingested, files };
  await room.tables.readSets.insert(tx, { scope, id, parent: store, status: 'ACTIVE', doc });
  await touchReadSet(tx, scope, id, room.clock.now());
}

/** The store, and the reference that the read set is linked to, stay until this transaction ends. */
export async function holdPlace(
  room: Room,
  tx: Transaction,
  {
    scope,
    store,
    doc,
  }: Pick<NewReadSet, 'scope' | 'store'> & { readonly doc: { readonly referenceArn?: string } },
): Promise<void> {
  if (!(await lockRow(room, tx, room.tables.sequenceStores.kind, scope, store)))
    throw new SourceRefused(`Sequence store ${store} was deleted while the source was imported.`);
  const arn = doc.referenceArn;
  const parts = arn === undefined ? undefined : parseReferenceArn(scope, arn);
  if (!parts || (await lockRow(room, tx, room.tables.references.kind, scope, parts.id))) return;
  throw new SourceRefused(`Reference ${arn ?? ''} was deleted while the source was imported.`);
}
