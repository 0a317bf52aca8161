/** The guide's failure reasons ("Error and status messages for run failures") that this server can give. */
export type FailureReason =
  | 'INSTANCE_RESERVATION_FAILED'
  | 'IMPORT_FAILED'
  | 'EXPORT_FAILED'
  | 'INVALID_URI_INPUT'
  | 'INVALID_S3_INPUT'
  | 'INVALID_OMICS_STORAGE_INPUT'
  | 'INACTIVE_OMICS_STORAGE_RESOURCE'
  | 'MODIFIED_INPUT_RESOURCE'
  | 'UNSUPPORTED_INPUT_SIZE'
  | 'ECR_PERMISSION_ERROR'
  | 'INVALID_ECR_IMAGE_URI'
  | 'INVALID_TASK_RESOURCE_VALUE'
  | 'OUT_OF_MEMORY_ERROR'
  | 'RUN_TASK_FAILED'
  | 'WORKFLOW_RUN_FAILED'
  | 'ASSUME_ROLE_FAILED'
  | 'SERVICE_ERROR';

/** Ends a run as FAILED: the reason as the guide's table names it, and the message for statusMessage. */
export class RunFailure extends Error {
  readonly reason: string;

  constructor(reason: FailureReason | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunFailure';
    this.reason = reason;
  }
}

/** What may be over at the next attempt: the run ends with its reason where the last one meets it too. */
export class TransientFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientFailure';
    this.reason = reason;
  }
}
