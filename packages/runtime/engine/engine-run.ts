import type { EngineFailure, Language, OutputFile } from '../engine-protocol.ts';
import type { TaskHost } from '../task.ts';

/** What the server does for an engine. `localize` paths and the run's folders are what the engine may name in outputs. */
export type EngineTasks = Omit<TaskHost, 'scratch'>;

export interface EngineRun {
  readonly language: Language;
  readonly definition: string;
  readonly main: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly runDirectory: string;
  /** Profiles of the workflow's configuration that the run chose, in this order. */
  readonly profiles?: readonly string[];
  /** Further folders in which output files may lie: where the run's attempts are. */
  readonly readable: readonly string[];
  readonly tasks: EngineTasks;
  readonly signal?: AbortSignal;
}

export type EngineResult =
  | {
      readonly status: 'completed';
      readonly outputs: Readonly<Record<string, unknown>>;
      /** Paths with links followed, all of them inside the run's folders. */
      readonly files: readonly OutputFile[];
    }
  | { readonly status: 'failed'; readonly failure: EngineFailure }
  | { readonly status: 'cancelled' };

/** The server stops: the run is not over, its engine is. */
export class EngineStopped extends Error {
  override name = 'EngineStopped';
}
