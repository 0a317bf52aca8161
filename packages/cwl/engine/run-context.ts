import type { TaskHost } from '@helicase/runtime';
import type { Javascript } from '../expression/javascript.ts';
import type { Formats } from '../files/formats.ts';
import type { RunFiles } from '../files/run-files.ts';
import type { Process } from '../load/model.ts';
import type { ValueObject } from '../value.ts';
import type { Demands } from './demands.ts';

/** What everything in one run shares. */
export interface RunContext {
  readonly host: TaskHost;
  readonly files: RunFiles;
  /** Absent where no process of the run requires it. */
  readonly javascript: Javascript | undefined;
  readonly formats: Formats;
  /** Aborted when the run is cancelled or has failed. */
  readonly signal: AbortSignal;
  readonly runProcess: RunProcess;
}

/** Runs a process of any class to its outputs. `around` holds the requirements of what is around it. */
export type RunProcess = (
  process: Process,
  job: ValueObject,
  around: Demands,
  call: string,
  context: RunContext,
) => Promise<ValueObject>;
