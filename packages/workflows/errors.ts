import { defineErrors } from '@helicase/kernel';

const validation = { code: 'ValidationException', status: 400 } as const;
const conflict = { code: 'ConflictException', status: 409 } as const;
const notFound = { code: 'ResourceNotFoundException', status: 404 } as const;

export const errors = defineErrors({
  workflowNotFound: { ...notFound, message: 'Workflow {id} does not exist.', remedy: '' },
  sharedNotExportable: {
    ...{ code: 'AccessDeniedException', status: 403 },
    message: 'Workflow {id} is shared with you by account {owner}: a shared workflow cannot be exported.',
    remedy: 'Leave export out, or ask the owner for the definition.',
  },
  runNotFound: { ...notFound, message: 'Run {id} does not exist.', remedy: '' },
  taskNotFound: { ...notFound, message: 'Task {id} does not exist in run {run}.', remedy: '' },
  runGroupNotFound: { ...notFound, message: 'Run group {id} does not exist.', remedy: '' },
  definitionMissing: {
    ...validation,
    message: 'Exactly one of definitionZip, definitionUri and definitionRepository must be given.',
    remedy: '',
  },
  definitionTooLarge: {
    ...validation,
    message: 'definitionZip has {size} bytes; at most {limit} are allowed.',
    remedy: 'Leave out what the definition does not need.',
  },
  definitionUriForm: {
    ...validation,
    message:
      'definitionUri "{uri}" is neither an S3 URI of an object (s3://bucket/key) nor an omics URI of a read set.',
    remedy: '',
  },
  repositoryWrong: {
    ...validation,
    message: 'definitionRepository cannot be used: {problem}.',
    remedy: '',
  },
  connectionNotFound: {
    ...validation,
    message: 'This server has no connection {arn}.',
    remedy: 'Its operator makes connections (the option "connections").',
  },
  alternatives: { ...validation, message: '{members} exclude each other.', remedy: 'Give one of them.' },
  registryMapUriForm: {
    ...validation,
    message: 'containerRegistryMapUri "{uri}" is not an S3 URI of an object (s3://bucket/key).',
    remedy: '',
  },
  bucketOwnerOther: {
    ...validation,
    message: 'The bucket of {uri} does not belong to the expected account {owner}.',
    remedy: 'Give the account that owns it.',
  },
  readmeTooLarge: {
    ...validation,
    message: 'readmeMarkdown has {size} bytes; at most {limit} are allowed.',
    remedy: '',
  },
  workflowVersionBusy: {
    ...conflict,
    message:
      'Version {version} of workflow {id} is {status}: a version can only be deleted when it is ACTIVE or FAILED.',
    remedy: '',
  },
  workflowVersionNotActive: {
    ...validation,
    message: 'Version {version} of workflow {id} is {status}, and only an ACTIVE version can be run.',
    remedy: '',
  },
  workflowVersionNotFound: {
    ...notFound,
    message: 'Workflow {id} has no version {version}.',
    remedy: '',
  },
  workflowVersionExists: {
    ...conflict,
    message: 'Workflow {id} has a version {version} already.',
    remedy: 'Version names are unique in a workflow: choose another one.',
  },
  engineUnsupported: {
    ...validation,
    message: 'engine {engine} is not supported by this server: its engines are {engines}.',
    remedy: '',
  },
  engineSettingsWrong: {
    ...validation,
    message: 'engineSettings cannot be used: {problem}.',
    remedy: 'Of a Nextflow workflow, profile names its profiles, with commas between them.',
  },
  cacheLocationForm: {
    ...validation,
    message: 'cacheS3Location "{uri}" is not an S3 URI (s3://bucket/prefix).',
    remedy: '',
  },
  cacheLocationUnreadable: {
    ...validation,
    message: 'cacheS3Location {uri} cannot be read: {why}',
    remedy: '',
  },
  runCacheNotFound: { ...notFound, message: 'Run cache {id} does not exist.', remedy: '' },
  runCacheBusy: {
    ...conflict,
    message: 'Run cache {id} is used by {count} runs that have not finished.',
    remedy: 'Wait for them or cancel them.',
  },
  cacheNotNamed: {
    ...validation,
    message: 'cacheBehavior is given, but no cacheId.',
    remedy: 'Name the run cache that it is about, or leave it out.',
  },
  configurationNotFound: { ...notFound, message: 'Configuration {name} does not exist.', remedy: '' },
  configurationExists: { ...conflict, message: 'Configuration {name} exists already.', remedy: '' },
  configurationBusy: {
    ...conflict,
    message: 'Configuration {name} is used by {count} runs that have not finished.',
    remedy: 'Wait for them or cancel them.',
  },
  networkUnsupported: {
    ...validation,
    message:
      'networkingMode VPC needs a configurationName whose vpcConfig names a subnet that this server offers the account.',
    remedy:
      'Its operator makes subnets (the option "subnets"). Without one tasks have no network: RESTRICTED.',
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
  imagesUnavailable: { ...validation, message: '{problems}', remedy: '' },
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
  storageOverQuota: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'The run would have {capacity} GiB of storage, and the account’s quota of a run is {limit}.',
    remedy: 'Ask for less storageCapacity, use DYNAMIC storage, or request an increase.',
  },
  runBatchNotFound: { ...notFound, message: 'Run batch {id} does not exist.', remedy: '' },
  batchRunNotStarted: {
    ...conflict,
    message: 'The run was not started, so there is none to cancel.',
    remedy: '',
  },
  runBatchState: {
    ...conflict,
    message: 'Run batch {id} is {status}: {operation} is only allowed when it is {allowed}.',
    remedy: '',
  },
  batchSettingsMissing: {
    ...validation,
    message: 'batchRunSettings must have exactly one of inlineSettings and s3UriSettings.',
    remedy: '',
  },
  batchSettingsWrong: { ...validation, message: 'batchRunSettings: {problem}', remedy: '' },
  batchSettingsUnreadable: {
    ...validation,
    message: 's3UriSettings {uri} cannot be read: {why}',
    remedy: '',
  },
  oneFilter: {
    ...validation,
    message: 'Only one filter per call is supported, and {members} are given.',
    remedy: '',
  },
  runGroupBusy: {
    ...conflict,
    message: 'Run group {id} has {count} runs that have not finished.',
    remedy: 'Wait for them or cancel them.',
  },
});
