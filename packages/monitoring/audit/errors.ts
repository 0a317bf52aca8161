import { defineErrors } from '@helicase/kernel';

/** CloudTrail's errors; the first with AWS's own words. */
export const errors = defineErrors({
  invalidTimeRange: {
    code: 'InvalidTimeRangeException',
    status: 400,
    message: 'The start time {start} is after the end time {end}.',
    remedy: '',
  },
  oneAttribute: {
    code: 'InvalidLookupAttributesException',
    status: 400,
    message: 'LookupAttributes has {count} entries; at most one is allowed.',
    remedy: '',
  },
  trailNotFound: {
    code: 'TrailNotFoundException',
    status: 400,
    message: 'Unknown trail: {name} for the user: {account}.',
    remedy: '',
  },
  trailExists: {
    code: 'TrailAlreadyExistsException',
    status: 400,
    message: 'Trail {name} already exists for customer: {account}.',
    remedy: '',
  },
  tooManyTrails: {
    code: 'MaximumNumberOfTrailsExceededException',
    status: 400,
    message: 'User: {account} already has {most} trails in {region}.',
    remedy: '',
  },
  badTrailName: {
    code: 'InvalidTrailNameException',
    status: 400,
    message:
      'The trail name {name} is invalid: 3 to 128 letters, digits, periods, underscores and dashes, a letter or a digit at both ends, no two of the others beside each other, and no IP address.',
    remedy: '',
  },
  badTrailArn: {
    code: 'CloudTrailARNInvalidException',
    status: 400,
    message: '{arn} is not the ARN of a trail of this account.',
    remedy: 'It looks like arn:aws:cloudtrail:us-east-1:123456789012:trail/MyTrail.',
  },
  homeRegion: {
    code: 'InvalidHomeRegionException',
    status: 400,
    message: 'Trail {name} is at home in {home}.',
    remedy: 'Change it there.',
  },
  badPrefix: {
    code: 'InvalidS3PrefixException',
    status: 400,
    message: 'The S3 key prefix {prefix} is invalid: at most 200 characters, none of them {characters}.',
    remedy: '',
  },
  noBucket: {
    code: 'S3BucketDoesNotExistException',
    status: 400,
    message: 'S3 bucket {bucket} does not exist.',
    remedy: '',
  },
  bucketPolicy: {
    code: 'InsufficientS3BucketPolicyException',
    status: 400,
    message: 'Log files cannot be written to bucket {bucket}: {reason}',
    remedy: '',
  },
  trailUnsupported: {
    code: 'UnsupportedOperationException',
    status: 400,
    message: '{member} is not supported here: {reason}.',
    remedy: '',
  },
  badSelectors: {
    code: 'InvalidEventSelectorsException',
    status: 400,
    message: 'The event selectors are invalid: {reason}.',
    remedy: '',
  },
  noTaggedTrail: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'There is no trail {arn}.',
    remedy: '',
  },
  tooManyTags: { code: 'TagsLimitExceededException', status: 400, message: '{reason}', remedy: '' },
  badTag: { code: 'InvalidTagParameterException', status: 400, message: '{reason}', remedy: '' },
  auditUnavailable: {
    code: 'ServiceUnavailableException',
    status: 503,
    message: 'Requests cannot be recorded at the moment, so none that changes something is answered.',
    remedy: 'The disk of the data directory may be full: make room, the server goes on by itself.',
  },
});
