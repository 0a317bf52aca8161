import { defineErrors } from '@helicase/kernel';

const validation = { code: 'ValidationException', status: 400 } as const;
const conflict = { code: 'ConflictException', status: 409 } as const;
const notFound = { code: 'ResourceNotFoundException', status: 404 } as const;

export const errors = defineErrors({
  workflowNotFound: { ...notFound, message: 'Workflow {id} does not exist.', remedy: '' },
  runNotFound: { ...notFound, message: 'Run {id} does not exist.', remedy: '' },
  taskNotFound: { ...notFound, message: 'Task {id} does not exist in run {run}.', remedy: '' },
  runGroupNotFound: { ...notFound, message: 'Run group {id} does not exist.', remedy: '' },
  definitionMissing: {
    ...validation,
    message: 'Exactly one of definitionZip and definitionUri must be given.',
    remedy: '',
  },
  definitionTooLarge: {
    ...validation,
    message: 'definitionZip has {size} bytes; at most {limit} are allowed.',
    remedy: 'Leave out what the definition does not need.',
  },
  definitionUriForm: {
    ...validation,
    message: 'definitionUri "{uri}" is not an S3 URI of an object (s3://bucket/key).',
    remedy: '',
  },
  engineUnsupported: {
    ...validation,
    message: 'engine {engine} is not supported by this server yet: only WDL, WDL_LENIENT and CWL are.',
    remedy: '',
  },
  memberUnsupported: {
    ...validation,
    message: '{member} is not supported by this server yet.',
    remedy: 'Leave it out.',
  },
  workflowBusy: {
    ...conflict,
    message: 'Workflow {id} is {status}: a workflow can only be deleted when it is ACTIVE or FAILED.',
    remedy: '',
  },
  workflowNotActive: {
    ...validation,
    message: 'Workflow {id} is {status}, and only an ACTIVE workflow can be run.',
    remedy: '',
  },
  workflowNotNamed: {
    ...validation,
    message: 'workflowId is required where runId names no run to repeat.',
    remedy: '',
  },
  outputUriForm: {
    ...validation,
    message: 'outputUri "{uri}" is not an S3 URI (s3://bucket/prefix).',
    remedy: '',
  },
  parametersForm: { ...validation, message: 'parameters must be a JSON object.', remedy: '' },
  parametersTooLarge: {
    ...validation,
    message: 'parameters have {size} bytes as JSON; at most {limit} are allowed.',
    remedy: '',
  },
  parametersWrong: { ...validation, message: 'parameters do not fit workflow {id}: {problems}', remedy: '' },
  runNotCancellable: {
    ...conflict,
    message: 'Run {id} is {status}: only a PENDING, STARTING, RUNNING or STOPPING run can be cancelled.',
    remedy: '',
  },
  runNotDeletable: {
    ...conflict,
    message: 'Run {id} is {status}: only a run that is COMPLETED, FAILED or CANCELLED can be deleted.',
    remedy: 'Cancel it first.',
  },
  tooManyRuns: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'This account has {limit} runs already, and none with retention mode REMOVE has finished.',
    remedy: 'Delete runs, or start them with retentionMode REMOVE.',
  },
  runGroupBusy: {
    ...conflict,
    message: 'Run group {id} has {count} runs that have not finished.',
    remedy: 'Wait for them or cancel them.',
  },
});
