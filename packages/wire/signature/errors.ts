import { defineErrors, type ErrorDefinition } from '@helicase/kernel';

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const EXPIRED = 'Signature expired: {signed} is now earlier than {limit} ({now} - {minutes} min.)';
const NOT_YET = 'Signature not yet current: {signed} is still later than {limit} ({now} + {minutes} min.)';
const TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const REGION = "Credential should be scoped to a valid region, not '{region}'.";
const SERVICE = "Credential should be scoped to correct service: '{expected}', not '{service}'.";
const MISSING = 'Missing Authentication Token';

function refusal(code: string, message: string, remedy = '', status = 403) {
  return { code, status, message, remedy } as const satisfies ErrorDefinition;
}

const REGION_REMEDY = 'This server is {expected}.';
const UNSIGNED = 'There were headers present in the request which were not signed: {headers}.';
const THROTTLED = 'Too many requests with this access key and a wrong signature came from this address.';
const THROTTLED_REMEDY = 'Mend the secret access key; after a minute it is looked at again.';
const HASH =
  "The value of 'x-amz-content-sha256' must be the SHA-256 of the body; {given} is for streams only.";

/** Codes of the JSON protocols. */
export const serviceRefusals = defineErrors({
  missing: refusal('MissingAuthenticationTokenException', MISSING),
  incomplete: refusal('IncompleteSignatureException', '{fault}'),
  throttled: refusal('ThrottlingException', THROTTLED, THROTTLED_REMEDY, 400),
  unknownKey: refusal('UnrecognizedClientException', TOKEN),
  expiredToken: refusal('ExpiredTokenException', EXPIRED_TOKEN),
  mismatch: refusal('InvalidSignatureException', MISMATCH),
  expired: refusal('InvalidSignatureException', EXPIRED),
  notYet: refusal('InvalidSignatureException', NOT_YET),
  presignExpired: refusal('InvalidSignatureException', EXPIRED),
  wrongRegion: refusal('InvalidSignatureException', REGION, REGION_REMEDY),
  wrongService: refusal('InvalidSignatureException', SERVICE),
  unsignedHeaders: refusal('InvalidSignatureException', UNSIGNED),
  payloadHash: refusal('InvalidSignatureException', HASH),
});

/** Codes of the query protocol. */
export const queryRefusals = defineErrors({
  missing: refusal('MissingAuthenticationToken', MISSING),
  incomplete: refusal('IncompleteSignature', '{fault}', '', 400),
  throttled: refusal('Throttling', THROTTLED, THROTTLED_REMEDY, 400),
  unknownKey: refusal('InvalidClientTokenId', TOKEN),
  expiredToken: refusal('ExpiredToken', EXPIRED_TOKEN),
  mismatch: refusal('SignatureDoesNotMatch', MISMATCH),
  expired: refusal('SignatureDoesNotMatch', EXPIRED),
  notYet: refusal('SignatureDoesNotMatch', NOT_YET),
  presignExpired: refusal('SignatureDoesNotMatch', EXPIRED),
  wrongRegion: refusal('SignatureDoesNotMatch', REGION, REGION_REMEDY),
  wrongService: refusal('SignatureDoesNotMatch', SERVICE),
  unsignedHeaders: refusal('SignatureDoesNotMatch', UNSIGNED),
  payloadHash: refusal('SignatureDoesNotMatch', HASH),
});

const SKEWED =
  'The difference between the request time and the current time is too large: {signed}, now {now}.';

/** Codes of S3. */
export const s3Refusals = defineErrors({
  missing: refusal('AccessDenied', 'Access Denied'),
  incomplete: refusal(
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; {fault}',
    '',
    400,
  ),
  throttled: refusal('SlowDown', THROTTLED, THROTTLED_REMEDY, 503),
  unknownKey: refusal(
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  ),
  expiredToken: refusal('ExpiredToken', 'The provided token has expired.', '', 400),
  mismatch: refusal('SignatureDoesNotMatch', MISMATCH),
  expired: refusal('RequestTimeTooSkewed', SKEWED),
  notYet: refusal('RequestTimeTooSkewed', SKEWED),
  presignExpired: refusal('AccessDenied', 'Request has expired: it was valid until {limit}, now {now}.'),
  wrongRegion: refusal(
    'AuthorizationHeaderMalformed',
    "The authorization header is malformed; the region '{region}' is wrong; expecting '{expected}'",
    '',
    400,
  ),
  wrongService: refusal(
    'AuthorizationHeaderMalformed',
    "The authorization header is malformed; incorrect service '{service}', expecting '{expected}'",
    '',
    400,
  ),
  unsignedHeaders: refusal('AccessDenied', UNSIGNED),
  payloadHash: refusal('InvalidArgument', HASH, '', 400),
});

/** How one family of services words its refusals. */
export type Refusals = typeof serviceRefusals | typeof queryRefusals | typeof s3Refusals;
