export { Admission, type Capacity, NotAdmitted } from './admission.ts';
export type { Backend, Mount, RunningTask, TaskExit, TaskLaunch } from './backend.ts';
export { hostCapacity } from './capacity.ts';
export { type ControlGroups, ControlGroupsUnavailable } from './cgroup/control-group.ts';
export { detectControlGroups } from './cgroup/detect.ts';
export { createEngineHost, type EngineHost, type EngineHostOptions } from './engine/engine-host.ts';
export { serveEngine } from './engine/engine-process.ts';
export { type EngineResult, type EngineRun, EngineStopped, type EngineTasks } from './engine/engine-run.ts';
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
export { createLocalHost, type LocalHostOptions } from './local-host.ts';
export { followLog, type LogFollower, type LogLine } from './log-follower.ts';
export { PathGuard, PathRefused, resolveWithin } from './path-guard.ts';
export { lastLines } from './process/last-lines.ts';
export { createSandboxBackend, type SandboxOptions } from './sandbox/backend.ts';
export type { StagedInput, TaskHost, TaskOutcome, TaskRequest, TaskResources } from './task.ts';
export {
  createTaskRunner,
  type LocalBytes,
  type RunTask,
  type TaskRunner,
  type TaskRunnerOptions,
} from './task-runner.ts';
