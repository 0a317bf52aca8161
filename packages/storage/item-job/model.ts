import type { StateMachine } from '@helicase/records';

export type JobStatus =
  | 'SUBMITTED'
  | 'IN_PROGRESS'
  | 'CANCELLING'
  | 'CANCELLED'
  | 'FAILED'
  | 'COMPLETED'
  | 'COMPLETED_WITH_FAILURES';

export const itemJobMachine: StateMachine<JobStatus> = {
  SUBMITTED: { IN_PROGRESS: 'a worker took the job', FAILED: 'the job could not be started' },
  IN_PROGRESS: {
    COMPLETED: 'every item was done',
    COMPLETED_WITH_FAILURES: 'some items were done',
    FAILED: 'no item was done',
  },
  // The API has no operation that cancels such a job.
  CANCELLING: {},
  CANCELLED: {},
  FAILED: {},
  COMPLETED: {},
  COMPLETED_WITH_FAILURES: {},
};

/** What every such job knows of one of its items (a source to import, a read set to export or to activate). */
export interface JobItem {
  readonly status: 'NOT_STARTED' | 'IN_PROGRESS' | 'FINISHED' | 'FAILED';
  readonly statusMessage?: string;
  /** The id that an import's resource will have: decided when the item is begun, so that a second attempt makes the same one. */
  readonly resourceId?: string;
}

export interface ItemJobDoc<Item extends JobItem> {
  /** Absent for jobs that work in the caller's name. */
  readonly roleArn?: string;
  /** Where an export's files go: `s3://bucket` or `s3://bucket/prefix/`. */
  readonly destination?: string;
  /** Worked on one after the other. */
  readonly items: readonly Item[];
  /** Milliseconds; once the job is over. */
  readonly completedAt?: number;
}

export function isOver(status: JobStatus): boolean {
  return status !== 'SUBMITTED' && status !== 'IN_PROGRESS' && status !== 'CANCELLING';
}

export const UNFINISHED: readonly JobStatus[] = ['SUBMITTED', 'IN_PROGRESS', 'CANCELLING'];
