/**
 * Control groups as tasks need them, the same on v1 and v2. The calls are synchronous on purpose: these files live in
 * the kernel, an operation takes some ten microseconds, and the thread pool's round trip would cost more than the work.
 */
export interface GroupLimits {
  /** May be a fraction. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Processes and threads together: what a fork bomb may reach. */
  readonly processes: number;
}

export interface GroupUsage {
  /** Processes that the kernel killed because the group reached its memory limit, children included. */
  readonly oomKills: number;
  /** Page cache that was charged to the group is included, as the kernel counts. */
  readonly peakMemoryBytes?: number;
  readonly cpuSeconds?: number;
  /** From and to block devices. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

export interface ControlGroup {
  readonly name: string;
  /** A process enters the group by writing its id into each of these files. */
  readonly entrances: readonly string[];
  processes(): readonly number[];
  usage(): GroupUsage;
  /** Stops new processes from appearing and sends SIGKILL to those that are there; more than one call may be needed. */
  kill(): void;
  /** Throws EBUSY while a process is left. */
  remove(): void;
  /** Where `reusable`: each entrance with a file to leave the group by. */
  readonly residences?: readonly { readonly entrance: string; readonly home: string }[];
  /**
   * Where `reusable`: made as new for another attempt. False where it cannot be: the kernel killed something in it, or it
   * still holds memory of the last one, which would count as the next one's.
   */
  reuse?(limits: GroupLimits): boolean;
}

export interface ControlGroups {
  readonly version: 1 | 2;
  /** Whether a group can count anew for another attempt: one is dear to make and to enter on v1. */
  readonly reusable: boolean;
  create(name: string, limits: GroupLimits): ControlGroup;
  /** A group by name, whether it exists or not. */
  open(name: string): ControlGroup;
  list(): readonly string[];
  /** The path within the hierarchies, as OCI runtimes want it in `cgroupsPath`. */
  hierarchyPath(name: string): string;
}

/** Control groups cannot be used here; the message names the reason and the remedy. */
export class ControlGroupsUnavailable extends Error {
  override name = 'ControlGroupsUnavailable';
}
