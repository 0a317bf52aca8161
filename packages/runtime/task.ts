/**
 * The port between the languages and the places where tasks run. Written from the needs of all three: WDL's
 * resources and globbed outputs, CWL's staging (any target path, literals, writable copies), Nextflow's work
 * directories, dynamic directives (each attempt is a new request) and staged names.
 */

/**
 * How a file or folder gets into a task's view. Targets are absolute paths inside the task; two inputs with one target
 * (CWL's and Nextflow's name collisions) are refused unless they are the same, never one laid over the other.
 */
export type StagedInput =
  | { readonly kind: 'uri'; readonly uri: string; readonly target: string; readonly writable?: boolean }
  /** An output of an earlier task of this run, or a file of the workflow definition: a path that the server gave the engine. */
  | { readonly kind: 'path'; readonly path: string; readonly target: string; readonly writable?: boolean }
  | {
      readonly kind: 'literal';
      readonly content: string;
      readonly target: string;
      readonly writable?: boolean;
    };

/** GPUs: WDL's acceleratorCount and acceleratorType, CWL's cwltool:CUDARequirement, Nextflow's accelerator. */
export interface Accelerators {
  readonly count: number;
  /** A name of `ACCELERATOR_TYPES`, as the workflow has it; absent: any kind will do. */
  readonly type?: string;
}

/** Hard limits, not hints. */
export interface TaskResources {
  /** May be a fraction. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly accelerators?: Accelerators;
  /** What its work directory, its /tmp and its volumes may hold together; absent: as much as the host lets a task have. */
  readonly diskBytes?: number;
  /** Wall-clock seconds until the task is ended as timed out. */
  readonly timeoutSeconds?: number;
}

/** One attempt at one task, as a language engine asks for it. */
export interface TaskRequest {
  /**
   * Where in the workflow this is: `main.align[3]`. Stable across replays, unique in the run; together with `attempt`
   * it identifies the record that a replay takes the result from.
   */
  readonly call: string;
  readonly attempt: number;
  /** The name users see: `align-3`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path inside the task of the folder it starts in and writes to; kept as the outcome's `workDirectory`. */
  readonly workDirectory: string;
  readonly stdin?: string;
  /**
   * Paths inside the work directory at which the task's output lies after its end as well (CWL's `stdout: name.txt`).
   * Their folders are there before it starts; `stdoutPath` and `stderrPath` of the outcome stay as they are.
   */
  readonly stdout?: string;
  readonly stderr?: string;
  /**
   * True: these two are the task's log all the same (Nextflow's `.command.out`). Else what is written into a file of the
   * results is none: it may be gigabytes of alignments.
   */
  readonly logsStreams?: boolean;
  /** OCI image; absent: the host's own tools in the sandbox. */
  readonly image?: string;
  /** `argv` are arguments of the image's entrypoint, if it has one, as `docker run` has it: CWL's DockerRequirement. */
  readonly entrypoint?: boolean;
  readonly resources: TaskResources;
  /** Absolute paths inside the task of further folders that are its own, empty and gone at its end: WDL's disks. */
  readonly volumes?: readonly string[];
  readonly inputs: readonly StagedInput[];
  /** False unless asked for: CWL's NetworkAccess. Refused in words where the operator allows none. */
  readonly network?: boolean;
  /**
   * Secrets by the variable that shows them to the task: the host knows the values, the engine, the records and the
   * cache only the names (Nextflow's `secret`).
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** False: its result is never taken from a cache nor kept there (CWL WorkReuse, Nextflow `cache false`, WDL volatile). */
  readonly reuse?: boolean;
  /** Exit codes of success, `[0]` unless told: a success is shown as such and may be reused. */
  readonly successCodes?: readonly number[] | 'any';
  /** Source position of the call, for messages. */
  readonly source?: { readonly file: string; readonly line: number; readonly column: number };
}

/**
 * `out-of-disk`: it held more than its disk limit, or the host's disk was nearly full. `lost`: what watched over it on the
 * host was killed, so that its end is not known; the task itself is not to blame.
 */
export type TaskEnd =
  'exited' | 'lost' | 'out-of-memory' | 'out-of-disk' | 'timed-out' | 'cancelled' | 'failed-to-start';

/** Where an attempt's time went, in milliseconds. */
export interface TaskPhases {
  /** Waiting for a place on the host. */
  readonly queue: number;
  /** Fetching and laying out inputs, getting the image. */
  readonly stageIn: number;
  readonly run: number;
  readonly stageOut: number;
}

/** What was measured of an attempt; what the host cannot measure is missing. */
export interface TaskUsage {
  readonly peakMemoryBytes?: number;
  readonly cpuSeconds?: number;
  /** From and to block devices, as the kernel counts for the task's control group. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** The most that its work directory and /tmp were seen to hold. */
  readonly peakDiskBytes?: number;
}

/** What about a task kept it from starting, where its own request did. */
export type StartFault = 'resources' | 'image-name' | 'image';

/** How one attempt ended. */
export interface TaskOutcome extends TaskUsage {
  readonly status: TaskEnd;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Why it did not start, in words, with the remedy. */
  readonly message?: string;
  readonly fault?: StartFault;
  /** On the engine's host, where outputs are collected from. */
  readonly workDirectory: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly phases?: TaskPhases;
  /** `sha256:...` of the image that ran, where there was one. */
  readonly imageDigest?: string;
  /** True where the outcome came from a record (replay or cache) and nothing ran. */
  readonly recorded?: boolean;
  /** Where records were looked at and none was it: why. */
  readonly missed?: string;
}

/** What is known of an input behind a URI. */
export interface InputFacts {
  readonly size: number;
  readonly isDirectory: boolean;
  /** The file's name, where the URI's last part is not it: `sample.bam` for a read set's `.../source1`. */
  readonly name?: string | undefined;
}

/** Where a task's folders are, as the task sees them. */
export interface TaskFolders {
  readonly work: string;
  readonly inputs: string;
  readonly temporary: string;
}

/** What a language engine runs on; in the server it is the engine protocol, on the command line the local runner. */
export interface TaskHost {
  run(request: TaskRequest, signal?: AbortSignal): Promise<TaskOutcome>;
  /**
   * Where the next task will be, for the one request that is made with them: a task without a sandbox sees the host's
   * own paths. Absent: each language has its places.
   */
  folders?(): TaskFolders;
  /** Facts of an input that is not local yet (size, existence): for `size()` and checks before a task. */
  stat(uri: string): Promise<InputFacts | undefined>;
  /** A local path of a URI's bytes, for `read_string()` and its like; stays until the run ends. */
  localize(uri: string): Promise<string>;
  /** A path inside the run's private folder for files that the engine itself writes (`write_lines()`). */
  scratch(): string;
  log(level: 'info' | 'warn' | 'error', message: string): void;
}

/** Whether an outcome is a success in the eyes of its request. */
export function succeeded(request: Pick<TaskRequest, 'successCodes'>, outcome: TaskOutcome): boolean {
  const { exitCode, status } = outcome;
  if (status !== 'exited') return false;
  const { successCodes = [0] } = request;
  return successCodes === 'any' || (exitCode !== undefined && successCodes.includes(exitCode));
}
