export {
  createRecords,
  type DatabaseOptions,
  type RecordsOptions,
  type RecordsTiming,
} from './create-records.ts';
export { tables } from './database.ts';
export {
  BlobLost,
  DataTooNew,
  DataTooOld,
  IllegalTransition,
  LeaseLost,
  NestedTransaction,
  ResourceMissing,
  RevisionConflict,
  TransactionEnded,
  UniqueViolation,
} from './errors.ts';
export { Housekeeping } from './housekeeping.ts';
export { Served } from './jobs/fairness.ts';
export type { JobFacts, JobLimits, JobRequest, JobRun, Jobs, JobWorker, WaitingLane } from './jobs.ts';
export type {
  AnyDatabase,
  BlobLedger,
  Idempotency,
  KeyRows,
  Migration,
  OutboxEvent,
  Records,
  RecordsCheck,
  Transaction,
} from './records.ts';
export type {
  ListQuery,
  Page,
  Resource,
  ResourceDefinition,
  ResourceTable,
  StateMachine,
} from './resource.ts';
export { holdName } from './named-lock.ts';
export type { AnnouncedKind, Notice, OwnNotice, ToldChange } from './notice.ts';
export { amongIds, amongNames, type TaggedKind } from './tagged-kind.ts';
export type { TaggedSource } from './tagged-resources.ts';
export { columnTypes } from './schema/column-types.ts';
export { HeldJobs } from './testing/held-jobs.ts';
export { dialectsUnderTest, openTestRecords, type DialectUnderTest, type TestRecords } from './testing.ts';
