export { heldBytes } from './disk-guard.ts';
export {
  ACCELERATOR_TYPES,
  type AcceleratorFamily,
  acceleratorProblem,
  acceleratorTypeProblem,
  type GpuDevice,
  isOfType,
} from './accelerators.ts';
export { Admission, type Capacity, NotAdmitted } from './admission.ts';
export type { Backend, Mount, RunningTask, TaskExit, TaskLaunch } from './backend.ts';
export { hostCapacity } from './capacity.ts';
export { type ControlGroups, ControlGroupsUnavailable } from './cgroup/control-group.ts';
export { folderCache } from './cache/folder-cache.ts';
export { findReusable, type KeptTask, type Reused, runReusing, type TaskCache } from './cache/task-cache.ts';
export { inputTargets, type TaskKey } from './cache/task-key.ts';
export { missDifferences } from './cache/why-missed.ts';
export { detectControlGroups } from './cgroup/detect.ts';
export { archiveSource } from './container/archive-source.ts';
export { type ContainerOptions, createContainerBackend } from './container/backend.ts';
export { type ImageReference, parseImageReference, type RegistryMap } from './container/image-reference.ts';
export {
  type FoundImage,
  ImageDenied,
  type ImageSource,
  ImageUnavailable,
} from './container/image-source.ts';
export { ImageStore, type ImageStoreOptions, type LocalImage } from './container/image-store.ts';
export { podmanSource } from './container/podman-source.ts';
export { type RegistryOptions, registrySource } from './container/registry-source.ts';
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
export { Gate } from './gate.ts';
export { keptCode } from './kept-code.ts';
export { createLocalHost, type LocalHostOptions } from './local-host.ts';
export { followLog, type LogFollower, type LogLine } from './log-follower.ts';
export { PathGuard, PathRefused, resolveWithin } from './path-guard.ts';
export { createUnsandboxedBackend } from './plain/backend.ts';
export { lastLines } from './process/last-lines.ts';
export { createSandboxBackend, type SandboxOptions } from './sandbox/backend.ts';
export { hostGpus } from './gpus.ts';
export type { AttemptPaths } from './staging.ts';
export {
  type Accelerators,
  type InputFacts,
  type StagedInput,
  succeeded,
  type StartFault,
  type TaskEnd,
  type TaskFolders,
  type TaskHost,
  type TaskOutcome,
  type TaskPhases,
  type TaskRequest,
  type TaskResources,
  type TaskUsage,
} from './task.ts';
export { taskFailure } from './task-failure.ts';
export type { RoutedTask, TaskRoute } from './task-route.ts';
export {
  createTaskRunner,
  type LocalBytes,
  type RunTask,
  type TaskRunner,
  type TaskRunnerOptions,
} from './task-runner.ts';
