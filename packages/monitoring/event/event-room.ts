import type { KeyRing, Objects } from '@helicase/blobs';
import type { Clock, Ids, Log, Roles } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { OperationCaller, PageTokens } from '@helicase/wire';
import type { LogWriter } from '../log-store/log-writer.ts';
import type { ConnectionTable, DestinationTable } from './destination.ts';
import type { Messaging } from './messaging.ts';
import type { BusTable, RuleTable } from './rule.ts';

/** What every file of events leans on. */
export interface EventRoom {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly roles: Roles;
  readonly writer: LogWriter;
  /** Where dead letters go. */
  readonly objects: Objects;
  /** Queues and topics elsewhere. */
  readonly messaging: Messaging;
  /** Operations of this server, for targets that start one. */
  readonly caller: OperationCaller;
  readonly rules: RuleTable;
  readonly buses: BusTable;
  readonly connections: ConnectionTable;
  readonly destinations: DestinationTable;
}
