import type { ScopeLimit } from '@helicase/kernel';

/** The guide, "Analytics quotas", of what this room counts. */
export interface AnalyticsQuotas {
  /** "Concurrent variant or annotation store import jobs", of an account in a region: the rest waits. */
  readonly importJobs: ScopeLimit;
  /** "Files per variant store import job". */
  readonly filesPerImport: ScopeLimit;
  /** "Variant store import job file size (GB)", "Annotation store import file size (GB)": gibibytes. */
  readonly variantFileSize: ScopeLimit;
  readonly annotationFileSize: ScopeLimit;
  /** "Maximum number of annotation store versions". */
  readonly versions: ScopeLimit;
}

export const GUIDE_QUOTAS: AnalyticsQuotas = {
  importJobs: 5,
  filesPerImport: 1000,
  variantFileSize: 20,
  annotationFileSize: 20,
  versions: 10,
};
