import { defineErrors, ServiceError } from '@helicase/kernel';

/** What the wire itself refuses, before and beside any room's handler. Authentication has its own: signature/errors.ts. */
export const errors = defineErrors({
  unknownOperation: {
    code: 'UnknownOperationException',
    status: 404,
    message: 'No operation of {service} answers {what}.',
    remedy: 'Check the method, the path and the version of the client.',
  },
  notSupported: {
    code: 'NotSupportedOperationException',
    status: 405,
    message: 'The operation {operation} of {service} is not supported by this server yet.',
    remedy: 'docs/coverage.md lists the operations that are.',
  },
  internal: {
    code: 'InternalServerException',
    status: 500,
    message: 'An unexpected error occurred while processing the request {requestId}.',
    remedy: 'The server log says more under this request id.',
  },
  accessDenied: {
    code: 'AccessDeniedException',
    status: 403,
    message: '{message}',
    remedy: '',
  },
  otherEndpoint: {
    code: 'AccessDenied',
    status: 403,
    message: 'The private endpoint {id} is of {service}, and this is asked of {asked}.',
    remedy: 'Send it by the endpoint of its service.',
  },
  malformedBody: {
    code: 'SerializationException',
    status: 400,
    message: 'The request body is not {expected}: {fault}.',
    remedy: '',
  },
  wrongTypes: {
    code: 'SerializationException',
    status: 400,
    message: 'The request cannot be read: {faults}.',
    remedy: '',
  },
  malformedTarget: {
    code: 'SerializationException',
    status: 400,
    message: 'The request target cannot be read: {fault}.',
    remedy: 'Percent-encode it as RFC 3986 says.',
  },
  bodyTooLarge: {
    code: 'RequestEntityTooLargeException',
    status: 413,
    message: 'The request body is larger than {limit} bytes.',
    remedy: '',
  },
  pageTokenInvalid: {
    code: 'ValidationException',
    status: 400,
    message: 'The pagination token is not one that {operation} gave for this list.',
    remedy: 'Repeat the list without a token, and give tokens back with the same filter.',
  },
  bodyHashMismatch: {
    code: 'XAmzContentSHA256Mismatch',
    status: 400,
    message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    remedy: '',
  },
  chunkSignatureMismatch: {
    code: 'SignatureDoesNotMatch',
    status: 403,
    message: 'The signature of {what} of the aws-chunked body does not match what was computed.',
    remedy: '',
  },
  chunkMalformed: {
    code: 'InvalidRequest',
    status: 400,
    message: 'The aws-chunked body is malformed: {fault}.',
    remedy: '',
  },
  bodyIncomplete: {
    code: 'IncompleteBody',
    status: 400,
    message: 'The body has {found} bytes; {expected} were declared.',
    remedy: '',
  },
});

const SHOWN_FAULTS = 50;

/** Every violated constraint in one error, in AWS's sentence. The code depends on the service. */
export function validationError(code: string, faults: readonly string[]): ServiceError {
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  const shown = faults.slice(0, SHOWN_FAULTS).join('; ');
  const more = faults.length > SHOWN_FAULTS ? `; and ${faults.length - SHOWN_FAULTS} more` : '';
  return new ServiceError('constraintsViolated', code, 400, `${count} detected: ${shown}${more}`);
}
