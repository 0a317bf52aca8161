export type { JobRequest, JobRun, Jobs, JobWorker } from './jobs.ts';
export type {
  AnyDatabase,
  BlobLedger,
  KeyRows,
  Migration,
  OutboxEvent,
  Records,
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
