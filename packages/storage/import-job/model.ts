import type { StateMachine } from '@helicase/records';

export type ImportStatus =
  | 'SUBMITTED'
  | 'IN_PROGRESS'
  | 'CANCELLING'
  | 'CANCELLED'
  | 'FAILED'
  | 'COMPLETED'
  | 'COMPLETED_WITH_FAILURES';

export const importMachine: StateMachine<ImportStatus> = {
  SUBMITTED: { IN_PROGRESS: 'a worker took the job', FAILED: 'the job could not be started' },
  IN_PROGRESS: {
    COMPLETED: 'every source was imported',
    COMPLETED_WITH_FAILURES: 'some sources were imported',
    FAILED: 'no source was imported',
  },
  // The API has no operation that cancels an import.
  CANCELLING: {},
  CANCELLED: {},
  FAILED: {},
  COMPLETED: {},
  COMPLETED_WITH_FAILURES: {},
};

/** What both kinds of import know of one source. */
export interface ImportItem {
  readonly status: 'NOT_STARTED' | 'IN_PROGRESS' | 'FINISHED' | 'FAILED';
  readonly statusMessage?: string;
  /** The id that the source's resource will have: decided when the source is begun, so that a second attempt makes the same one. */
  readonly resourceId?: string;
}

export interface ImportJobDoc<Item extends ImportItem> {
  readonly roleArn: string;
  readonly items: readonly Item[];
  /** Milliseconds; once the job is over. */
  readonly completedAt?: number;
}

export function isOver(status: ImportStatus): boolean {
  return status !== 'SUBMITTED' && status !== 'IN_PROGRESS' && status !== 'CANCELLING';
}

export const UNFINISHED: readonly ImportStatus[] = ['SUBMITTED', 'IN_PROGRESS', 'CANCELLING'];
