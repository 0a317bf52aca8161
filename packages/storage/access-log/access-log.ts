import type { BucketAccess } from '@helicase/blobs';
import { type Actor, rootPrincipal, ServiceError } from '@helicase/kernel';
import { accessPointArn, parseAlias } from '../access-point/access-point.ts';
import { errors } from '../errors.ts';
import type { Room } from '../room.ts';
import { AccessLogJournal, type Batch } from './journal.ts';
import { accessLogLine } from './line.ts';

/** Server access logs of sequence stores: who read what of a store by S3, in a bucket of the store's account. */
export interface AccessLog {
  /** Notes a request, where it was to a store that has a location for logs. */
  accessed(actor: Actor, access: BucketAccess): Promise<void>;
  /** Writes what waits to its locations; to be called now and then. */
  deliver(): Promise<void>;
}

/** Milliseconds after which lines that their bucket did not take are given up. */
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

export function createAccessLog(room: Room, directory: string): AccessLog {
  const journal = new AccessLogJournal(directory, room.ids);
  return {
    async accessed({ scope }, access) {
      const point = parseAlias(scope.region, access.bucket);
      if (!point) return;
      const { records, tables } = room;
      const store = await tables.sequenceStores.find(records.direct, point.scope, point.store);
      const location = store?.doc.accessLogLocation;
      if (!location) return;
      const bucket = { account: point.scope.account, accessPointArn: accessPointArn(point) };
      journal.add({ ...point, location }, accessLogLine(access, bucket), room.clock.now());
    },
    async deliver() {
      for (const batch of await journal.turn()) await deliverBatch(room, batch);
    },
  };
}

/** Throws where the caller may not write there: the logs are written in the account's name, which may more. */
export async function checkLogLocation(room: Room, actor: Actor, location: string): Promise<void> {
  const place = `${folderOf(location)}helicase-access-log-check`;
  const { principal, scope } = actor;
  await room.objects.put({ principal, scope }, place, new Uint8Array()).catch((error: unknown) => {
    if (!(error instanceof ServiceError)) throw error;
    throw errors.accessLogLocation({ location, reason: error.message });
  });
}

/** A batch that is written twice is the same object twice. */
async function deliverBatch(room: Room, batch: Batch): Promise<void> {
  const { begunAt, id, location, scope, store } = batch;
  const actor = { scope, principal: rootPrincipal(scope.account) };
  const uri = `${folderOf(location)}${objectName(begunAt, id)}`;
  try {
    await room.objects.put(actor, uri, batch.read(), 'text/plain');
    await batch.remove();
  } catch (error) {
    const isOver = room.clock.now() - begunAt > KEPT_FOR;
    if (isOver) await batch.remove();
    const then = isOver ? 'they are given up' : 'they are tried again';
    room.log.error({ store, uri, error: String(error) }, `access logs cannot be written; ${then}`);
  }
}

function folderOf(location: string): string {
  return location.endsWith('/') ? location : `${location}/`;
}

/** `2026-11-25-17-20-05-0123456789ABCDEF`, as S3 names its log objects. */
function objectName(begunAt: number, id: string): string {
  const time = new Date(begunAt).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
  return `${time}-${id.replaceAll('-', '').slice(-16).toUpperCase()}`;
}
