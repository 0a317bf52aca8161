export type { Backend, Mount, RunningTask, TaskExit, TaskLaunch } from './backend.ts';
export {
  type EngineFailure,
  ENGINE_PROTOCOL,
  type FromEngine,
  type Language,
  type OutputFile,
  type ToEngine,
} from './engine-protocol.ts';
export {
  EngineFailureError,
  type LanguageEngine,
  type LanguageResult,
  type LanguageRun,
} from './language.ts';
export type { StagedInput, TaskHost, TaskOutcome, TaskRequest, TaskResources } from './task.ts';
