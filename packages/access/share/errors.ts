import { defineErrors } from '@helicase/kernel';

/** HealthOmics' codes for shares. */
export const shareErrors = defineErrors({
  notShareable: {
    code: 'ValidationException',
    status: 400,
    message: 'The resource {arn} cannot be shared.',
    remedy: 'Variant stores, annotation stores and workflows of this account and region can, by their ARN.',
  },
  subscriberForm: {
    code: 'ValidationException',
    status: 400,
    message: 'The principal subscriber "{subscriber}" is not the id of another account.',
    remedy: 'Give the 12 digits of the account that it is shared with.',
  },
  resourceMissing: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'The resource {arn} does not exist.',
    remedy: '',
  },
  missing: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'The share {id} does not exist.',
    remedy: 'ListShares names those of this account (SELF) and those it was offered (OTHER).',
  },
  exists: {
    code: 'ConflictException',
    status: 409,
    message: 'The resource {arn} is shared with {subscriber} already, by the share {id}.',
    remedy: '',
  },
  tooMany: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'A store has at most {limit} shares.',
    remedy: 'Delete one that is no longer needed.',
  },
  notAcceptable: {
    code: 'ConflictException',
    status: 409,
    message: 'The share {id} is {status}; only one that is PENDING can be accepted.',
    remedy: '',
  },
  ownShare: {
    code: 'AccessDeniedException',
    status: 403,
    message: 'The share {id} is for the account {subscriber} to accept.',
    remedy: '',
  },
  gone: {
    code: 'ConflictException',
    status: 409,
    message: 'The share {id} is {status} already.',
    remedy: '',
  },
});
