import type { InputFacts, TaskOutcome, TaskRequest } from './task.ts';

/** Grows when a message changes meaning; a server refuses an engine of another version and starts its own. */
export const ENGINE_PROTOCOL = 3;

export type Language = 'WDL' | 'WDL_LENIENT' | 'CWL' | 'NEXTFLOW';

/** Server to engine: one JSON object a line, on the engine's descriptor 3. */
export type ToEngine =
  | {
      readonly type: 'start';
      readonly protocol: number;
      readonly language: Language;
      /** The unpacked definition, read-only. */
      readonly definition: string;
      readonly main: string;
      /** StartRun's parameters. */
      readonly parameters: Readonly<Record<string, unknown>>;
      /** The run's private folder on the engine's host; may hold records of an earlier engine of the same run. */
      readonly runDirectory: string;
      /** Profiles of the workflow's configuration that the run chose, in this order. */
      readonly profiles: readonly string[];
    }
  | { readonly type: 'task-outcome'; readonly request: number; readonly outcome: TaskOutcome }
  | {
      readonly type: 'stat-answer';
      readonly request: number;
      readonly facts: InputFacts | null;
    }
  | { readonly type: 'localized'; readonly request: number; readonly path: string }
  | { readonly type: 'request-failed'; readonly request: number; readonly message: string }
  | { readonly type: 'cancel' };

/** Engine to server. `request` numbers are the engine's own, answered once each. */
export type FromEngine =
  | { readonly type: 'ready'; readonly protocol: number }
  | { readonly type: 'run-task'; readonly request: number; readonly task: TaskRequest }
  | { readonly type: 'cancel-task'; readonly request: number }
  | { readonly type: 'stat'; readonly request: number; readonly uri: string }
  | { readonly type: 'localize'; readonly request: number; readonly uri: string }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | {
      readonly type: 'completed';
      readonly outputs: Readonly<Record<string, unknown>>;
      readonly files: readonly OutputFile[];
    }
  | { readonly type: 'failed'; readonly failure: EngineFailure };

/** A file that belongs to the run's outputs: where it lies and under which relative key it goes below `runOutputUri`. */
export interface OutputFile {
  readonly path: string;
  readonly key: string;
}

/** Why a run failed, told in one place. */
export interface EngineFailure {
  /** One of the guide's run failure reasons: `WORKFLOW_RUN_FAILED`, `TASK_FAILED`... */
  readonly reason: string;
  readonly message: string;
  readonly call?: string;
  readonly exitCode?: number;
  readonly source?: { readonly file: string; readonly line: number; readonly column: number };
  /** The last lines of the failed task's stderr. */
  readonly logTail?: string;
}
