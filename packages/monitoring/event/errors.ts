import { defineErrors } from '@helicase/kernel';

const validation = { code: 'ValidationException', status: 400 } as const;
const notFound = { code: 'ResourceNotFoundException', status: 400 } as const;

/** EventBridge's errors. */
export const errors = defineErrors({
  invalidPattern: {
    code: 'InvalidEventPatternException',
    status: 400,
    message: 'Event pattern is not valid. Reason: {reason}',
    remedy: '',
  },
  invalidEvent: { ...validation, message: 'Parameter Event is not valid. Reason: {reason}', remedy: '' },
  ruleNotFound: { ...notFound, message: 'Rule {name} does not exist on EventBus {bus}.', remedy: '' },
  busNotFound: { ...notFound, message: 'Event bus {bus} does not exist.', remedy: 'Create it first.' },
  busExists: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'Event bus {bus} already exists.',
    remedy: '',
  },
  busHasRules: {
    ...validation,
    message: 'Event bus {bus} has {count} rules.',
    remedy: 'Delete them first.',
  },
  defaultBus: { ...validation, message: 'Cannot delete event bus default.', remedy: '' },
  ruleHasTargets: {
    ...validation,
    message: "Rule can't be deleted since it has targets.",
    remedy: 'Remove its targets first.',
  },
  needsPattern: {
    ...validation,
    message: 'Parameter EventPattern must be specified.',
    remedy: 'Rules on a schedule are not supported by this server.',
  },
  targetUnsupported: {
    ...validation,
    message: 'Target {id} with ARN {arn} is not supported by this server: {reason}.',
    remedy:
      'Targets are API destinations, log groups, operations of this server (arn:aws:scheduler:::aws-sdk:omics:startRun), and queues and topics of the endpoints that the operator configured (option messaging).',
  },
  deadLetters: {
    ...validation,
    message: 'DeadLetterConfig of target {id} names {arn}, which cannot be used: {reason}.',
    remedy: '',
  },
  oneInput: {
    ...validation,
    message: 'Target {id}: only one of Input, InputPath, or InputTransformer must be provided.',
    remedy: '',
  },
  badInput: { ...validation, message: 'Target {id}: {reason}.', remedy: '' },
  tooManyTargets: {
    code: 'LimitExceededException',
    status: 400,
    message: 'Rule {name} would have {count} targets; at most {most} are allowed.',
    remedy: '',
  },
  reservedSource: {
    ...validation,
    message: 'Source {source} is not valid: aws. is reserved.',
    remedy: '',
  },
  connectionNotFound: { ...notFound, message: 'Connection {name} does not exist.', remedy: '' },
  connectionExists: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'Connection {name} already exists.',
    remedy: '',
  },
  connectionInUse: {
    code: 'ConcurrentModificationException',
    status: 400,
    message: 'Connection {name} is used by API destination {destination}.',
    remedy: 'Delete that first.',
  },
  connectionKind: {
    ...validation,
    message: 'AuthorizationType {kind} is not supported by this server, or its parameters are missing.',
    remedy: 'BASIC and API_KEY are, with BasicAuthParameters or ApiKeyAuthParameters.',
  },
  signingSecret: { ...validation, message: 'ApiKeyAuthParameters cannot be used: {reason}.', remedy: '' },
  destinationNotFound: { ...notFound, message: 'An api-destination {name} does not exist.', remedy: '' },
  destinationExists: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'An api-destination {name} already exists.',
    remedy: '',
  },
  insecureEndpoint: {
    ...validation,
    message: 'InvocationEndpoint {url} is not an HTTPS URL.',
    remedy: 'Plain HTTP is possible to this machine alone (127.0.0.1, ::1, localhost).',
  },
});
