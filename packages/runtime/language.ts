import type { EngineFailure, OutputFile } from './engine-protocol.ts';
import type { TaskHost } from './task.ts';

/** What a language needs to evaluate one run. It knows nothing of HTTP, AWS or the database. */
export interface LanguageRun {
  /** The unpacked definition: an absolute path of a folder, read-only. */
  readonly definition: string;
  /** The main file, relative to `definition`. */
  readonly main: string;
  /** StartRun's parameters. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly host: TaskHost;
  /** The run's private folder; may hold records of an earlier engine of the same run. */
  readonly runDirectory: string;
  /** Profiles of the workflow's configuration that the run chose, in this order: Nextflow has them, no other. */
  readonly profiles?: readonly string[];
  /** Aborted when the run is cancelled: the engine stops asking for tasks and rejects. */
  readonly signal: AbortSignal;
}

export interface LanguageResult {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Every file the outputs name, with the relative key it is published under. */
  readonly files: readonly OutputFile[];
}

/** A workflow language: evaluates a definition and asks the host to run its tasks. */
export interface LanguageEngine {
  /** Rejects with an EngineFailureError where the workflow is at fault; anything else thrown is a fault of the engine. */
  run(run: LanguageRun): Promise<LanguageResult>;
}

/** The one way in which a language says why a run failed. */
export class EngineFailureError extends Error {
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'EngineFailureError';
    this.failure = failure;
  }
}
