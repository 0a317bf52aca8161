import { defineErrors } from '@helicase/kernel';

/** What is too fast, and what Service Quotas does not know. */
export const errors = defineErrors({
  tooFast: {
    code: 'ThrottlingException',
    status: 429,
    message: 'Rate exceeded: {operation} and what it shares its rate with allow {rate} requests a second.',
    remedy: 'Try again in {seconds} seconds, or request an increase of quota {code}.',
  },
  tooMany: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'This account has as many as its quota "{name}" lets it have in this Region: {most}.',
    remedy: 'Delete one that is not needed, or request an increase.',
  },
  noService: {
    code: 'NoSuchResourceException',
    status: 400,
    message: 'The service {service} has no quotas here.',
    remedy: 'The service code is omics.',
  },
  noQuota: {
    code: 'NoSuchResourceException',
    status: 400,
    message: 'There is no quota {code} of omics.',
    remedy: '',
  },
  notAdjustable: {
    code: 'IllegalArgumentException',
    status: 400,
    message: 'Quota {code} ({name}) is not adjustable.',
    remedy: '',
  },
  notHigher: {
    code: 'IllegalArgumentException',
    status: 400,
    message: 'The desired value {desired} is not above the current one, {current}.',
    remedy: '',
  },
  pendingAlready: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'Request {id} for quota {code} is pending.',
    remedy: 'The operator decides it: helicase quota approve, or deny.',
  },
  noRequest: {
    code: 'NoSuchResourceException',
    status: 400,
    message: 'There is no request {id}.',
    remedy: '',
  },
});
