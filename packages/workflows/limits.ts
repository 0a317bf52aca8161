import type { ScopeLimit } from '@helicase/kernel';

/** Bounds of the room; the guide's quotas where it has one. */
export interface WorkflowLimits {
  /** Runs of an account that are at work at once ("Active workflow runs"). */
  readonly activeRuns: ScopeLimit;
  /** Runs of all accounts that this process works on at once: each has a process of its own. */
  readonly activeRunsHere: number;
  /** "Concurrent tasks per run". */
  readonly concurrentTasksPerRun: ScopeLimit;
  /** "Concurrent active CPUs" of an account. */
  readonly activeCpus: ScopeLimit;
  /** GPUs of an account; the guide has no quota. */
  readonly activeGpus?: number;
  /** "Workflow run duration (hours)". */
  readonly runHours: ScopeLimit;
  /** "Run storage capacity (GB)" that a run may ask for; as much as it likes unless told. */
  readonly runStorage?: ScopeLimit;
  /** Runs kept, active or not, before REMOVE runs make room; undefined: as many as fit. */
  readonly keptRuns?: ScopeLimit;
  readonly zip: ZipLimits;
}

export interface ZipLimits {
  /** Bytes of the zip itself. */
  readonly archiveBytes: number;
  readonly files: number;
  /** Unpacked bytes of one file, and of all. */
  readonly fileBytes: number;
  readonly totalBytes: number;
  /** Unpacked to packed, for files above a megabyte: text hardly reaches 50. */
  readonly ratio: number;
}

const MEBIBYTE = 1024 * 1024;

export const defaultLimits: WorkflowLimits = {
  activeRuns: 10,
  activeRunsHere: 50,
  concurrentTasksPerRun: 25,
  activeCpus: 3000,
  runHours: 168,
  zip: {
    archiveBytes: 128 * MEBIBYTE,
    files: 10_000,
    fileBytes: 64 * MEBIBYTE,
    totalBytes: 256 * MEBIBYTE,
    ratio: 200,
  },
};

/** StartRun's parameters as JSON ("to 100 KB"). */
export const PARAMETERS_BYTES = 100 * 1000;
