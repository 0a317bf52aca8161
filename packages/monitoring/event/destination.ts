import type { Scope } from '@helicase/kernel';
import type { Records, ResourceTable, Transaction } from '@helicase/records';

/** How requests to a destination prove themselves. The secret is sealed under the account's key. */
export interface ConnectionDoc {
  readonly kind: 'BASIC' | 'API_KEY';
  /** The user's name, or the header's. */
  readonly name: string;
  readonly sealed: string;
  readonly uuid: string;
  readonly description?: string;
}
/** Its id is its name. */
export type ConnectionTable = ResourceTable<ConnectionDoc, 'AUTHORIZED', never, Transaction>;

export interface DestinationDoc {
  readonly uuid: string;
  readonly connection: string;
  readonly endpoint: string;
  readonly method: string;
  readonly description?: string;
}
/** Its id is its name. */
export type DestinationTable = ResourceTable<DestinationDoc, 'ACTIVE', 'connection', Transaction>;

export function declareConnections(records: Records): ConnectionTable {
  return records.resource<ConnectionDoc, 'AUTHORIZED'>({
    kind: 'event-connection',
    machine: { AUTHORIZED: {} },
  });
}

export function declareDestinations(records: Records): DestinationTable {
  return records.resource<DestinationDoc, 'ACTIVE', 'connection'>({
    kind: 'event-destination',
    machine: { ACTIVE: {} },
    columns: { connection: (doc) => doc.connection },
  });
}

export function connectionArn({ account, region }: Scope, name: string, uuid: string): string {
  return `arn:aws:events:${region}:${account}:connection/${name}/${uuid}`;
}

export function destinationArn({ account, region }: Scope, name: string, uuid: string): string {
  return `arn:aws:events:${region}:${account}:api-destination/${name}/${uuid}`;
}

/** Name and UUID of a connection's or destination's ARN. */
export function parseEventArn(arn: string, type: 'connection' | 'api-destination') {
  const match = /^arn:aws:events:[^:]+:[0-9]+:([a-z-]+)\/([^/]+)\/([0-9a-f-]+)$/.exec(arn);
  return match?.[1] === type ? { name: match[2]!, uuid: match[3]! } : undefined;
}
