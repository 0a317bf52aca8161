import { defineErrors } from '@helicase/kernel';

/** CloudWatch Logs' errors; the first two with AWS's own words. */
export const errors = defineErrors({
  groupNotFound: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'The specified log group does not exist.',
    remedy: '',
  },
  streamNotFound: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'The specified log stream does not exist.',
    remedy: '',
  },
  noGroup: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Exactly one of logGroupName and logGroupIdentifier must be given.',
    remedy: '',
  },
  prefixWithLastEventTime: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
    remedy: '',
  },
  namesWithPrefix: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'logStreamNames and logStreamNamePrefix cannot both be given.',
    remedy: '',
  },
  streamsOfSeveralGroups: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'logStreamNames and logStreamNamePrefixes go with one log group.',
    remedy: 'Name one group in logGroupIdentifiers, or leave the streams out.',
  },
  badToken: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The specified nextToken is invalid: {reason}',
    remedy: '',
  },
  groupExists: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'The specified log group already exists',
    remedy: '',
  },
  streamExists: {
    code: 'ResourceAlreadyExistsException',
    status: 400,
    message: 'The specified log stream already exists',
    remedy: '',
  },
  groupUnsupported: {
    code: 'InvalidParameterException',
    status: 400,
    message: '{member} is not supported for log groups here.',
    remedy: 'Lines are sealed under the account’s key for logs already.',
  },
  badRetention: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Lines cannot be kept for {days} days.',
    remedy: 'Possible are {possible}.',
  },
  eventTooLarge: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Log event too large: {size} bytes exceeds limit of {most} (logEvents[{index}])',
    remedy: '',
  },
  batchTooLarge: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Upload too large: {size} bytes exceeds limit of {most}',
    remedy: 'Each event counts 26 bytes beside its text.',
  },
  notChronological: {
    code: 'InvalidParameterException',
    status: 400,
    message:
      'Log events in a single PutLogEvents request must be in chronological order (logEvents[{index}] is older than the one before).',
    remedy: '',
  },
  batchTooLong: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    remedy: '',
  },
  badTags: {
    code: 'InvalidParameterException',
    status: 400,
    message: '{reason}',
    remedy: '',
  },
  tooManyTags: {
    code: 'TooManyTagsException',
    status: 400,
    message: '{reason}',
    remedy: '',
  },
  noTaggedGroup: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'There is no log group with the ARN {arn} in this account and Region.',
    remedy: '',
  },
  filterNotFound: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'Log group {group} has no {kind} filter {name}.',
    remedy: '',
  },
  tooManyFilters: {
    code: 'LimitExceededException',
    status: 400,
    message: 'Resource limit exceeded: a log group has at most {most} {kind} filters.',
    remedy: 'Delete one that is no longer needed.',
  },
  filterUnsupported: {
    code: 'InvalidParameterException',
    status: 400,
    message: '{member} is not supported for filters here: logs are not transformed.',
    remedy: '',
  },
  badMetricValue: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The metricValue {value} is neither a number nor a selector such as $.latency or $bytes.',
    remedy: '',
  },
  selectorOfTerms: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The pattern {pattern} names no members or fields that a selector could stand for.',
    remedy: 'Use a pattern on JSON, in braces, or on fields, in brackets.',
  },
  defaultWithDimensions: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    remedy: '',
  },
  metricNamespace: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The metricNamespace {namespace} begins with AWS/: such names are the services’ own.',
    remedy: '',
  },
  metricNameAlone: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'metricName and metricNamespace go together.',
    remedy: '',
  },
  badDestination: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'Could not deliver to the destination {arn}: {reason}.',
    remedy: '',
  },
  unsupportedPattern: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The filter pattern {pattern} is not supported: {reason}.',
    remedy:
      'Use terms (ERROR), quoted phrases ("exit code"), -excluded and ?alternative terms, conditions on JSON in braces, or on fields in brackets.',
  },
});
