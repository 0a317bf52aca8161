import type { Actor } from '@helicase/kernel';
import type { GpuDevice } from './accelerators.ts';
import type { StartFault, TaskEnd, TaskResources, TaskUsage } from './task.ts';

/** A place inside the task and what lies there. Everything outside is the image's or the host's, read-only. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/**
 * A way to one service of the host for a task that has no network else: `relay` gives it a network namespace whose
 * loopback's `port` leads to a socket in `folder`.
 */
export interface RouteWay {
  readonly relay: string;
  readonly folder: string;
  readonly port: number;
}

/** One attempt, ready to start: inputs are local paths by now. */
export interface TaskLaunch {
  /** Unique per attempt over all runs; names the control group, the container, the cluster job. */
  readonly attemptId: string;
  /** In whose name the image is had. */
  readonly actor: Actor;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workDirectory: string;
  readonly mounts: readonly Mount[];
  readonly image?: string;
  /** See `TaskRequest`. */
  readonly entrypoint?: boolean;
  readonly resources: TaskResources;
  readonly network: boolean;
  /** A file of a network namespace that the operator made: its network is the task's. */
  readonly networkNamespace?: string;
  readonly route?: RouteWay;
  /** The GPUs it was given; it sees no other. */
  readonly devices?: readonly GpuDevice[];
  readonly stdin?: string;
  /** Host files that receive the task's output as it is written. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export interface TaskExit extends TaskUsage {
  readonly status: TaskEnd;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly message?: string;
  readonly fault?: StartFault;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** `sha256:...` of the image that ran, where there was one. */
  readonly imageDigest?: string;
}

export interface RunningTask {
  /** When its process started, where that was not just now: a found one's. Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly exit: Promise<TaskExit>;
  /** SIGTERM, then SIGKILL to everything in it after the grace, or at once; resolves when the last process is gone. */
  cancel(how?: { readonly atOnce?: boolean }): Promise<void>;
}

/** Where tasks run: one file per backend implements this. */
export interface Backend {
  readonly name: 'sandbox' | 'container' | 'unsandboxed';
  /** Why it cannot work on this machine, with the remedy; undefined where it can. `doctor` prints it. */
  unavailable(): Promise<string | undefined>;
  start(launch: TaskLaunch): Promise<RunningTask>;
  /** Why an image cannot be had, before any task needs it; undefined where it can. */
  imageProblem?(actor: Actor, image: string): Promise<string | undefined>;
  /** `sha256:...` of the image that `start` would run now; throws ImageUnavailable. With a backend of images, always there. */
  imageDigest?(actor: Actor, image: string): Promise<string>;
  /**
   * The task that a dead server started with this launch and that outlived it, running or ended meanwhile; its exit is
   * what it would have been. Undefined where there is none any more: it has to run again. A backend without it runs
   * everything again. After a task's exit is recorded, `discard` is called; until then it can be found.
   */
  find?(launch: TaskLaunch): Promise<RunningTask | undefined>;
  /** Ends and removes what is left of one attempt. With `find`, always there. */
  discard?(attemptId: string): Promise<void>;
  /** Removes what attempts of dead servers left: control groups, containers, mounts. Called once before the first start. */
  cleanUp(isLive: (attemptId: string) => boolean): Promise<void>;
  /** Gives back what it keeps for further tasks. */
  close?(): Promise<void>;
}
