import type { MemberConstraint, OperationConstraints } from '@helicase/wire';

const group: MemberConstraint = { min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' };
const stream: MemberConstraint = { min: 1, max: 512, pattern: '[^:*]*' };
const identifier: MemberConstraint = { min: 1, max: 2048, pattern: '[\\w#+=/:,.@-]*' };
const names = { logGroupName: group, logStreamName: stream };
const limit: MemberConstraint = { min: 1, max: 10_000 };
const page: MemberConstraint = { min: 1, max: 50 };
const pattern: MemberConstraint = { max: 1024 };
const filter: MemberConstraint = { min: 1, max: 512, pattern: '[^:*]*' };
const metric: MemberConstraint = { max: 255, pattern: '[^:*$]*' };

/** Bounds of CloudWatch Logs' API model. */
export const logConstraints: Readonly<Record<string, OperationConstraints>> = {
  CreateLogGroup: { logGroupName: group },
  DeleteLogGroup: { logGroupName: group },
  PutRetentionPolicy: { logGroupName: group },
  DeleteRetentionPolicy: { logGroupName: group },
  DescribeLogGroups: { logGroupNamePrefix: group, logGroupNamePattern: { max: 512 }, limit: page },
  CreateLogStream: names,
  DeleteLogStream: names,
  DescribeLogStreams: {
    ...{ logGroupName: group, logGroupIdentifier: identifier, logStreamNamePrefix: stream },
    ...{ limit: page, orderBy: { enum: ['LogStreamName', 'LastEventTime'] } },
  },
  PutLogEvents: {
    ...{ ...names, logEvents: { min: 1, max: 10_000 } },
    ...{ 'logEvents[].message': { min: 1 }, 'logEvents[].timestamp': { min: 0 } },
  },
  GetLogEvents: {
    ...names,
    logGroupIdentifier: identifier,
    startTime: { min: 0 },
    endTime: { min: 0 },
    limit,
  },
  FilterLogEvents: {
    ...{ logGroupName: group, logGroupIdentifier: identifier, logStreamNamePrefix: stream },
    ...{ logStreamNames: { min: 1, max: 100 }, 'logStreamNames[]': stream, filterPattern: pattern, limit },
    ...{ startTime: { min: 0 }, endTime: { min: 0 } },
  },
  StartLiveTail: {
    ...{ logGroupIdentifiers: { min: 1, max: 10 }, 'logGroupIdentifiers[]': identifier },
    ...{ logStreamNames: { min: 1, max: 10 }, logStreamNamePrefixes: { min: 1, max: 10 } },
    logEventFilterPattern: pattern,
  },
  PutMetricFilter: {
    ...{ logGroupName: group, filterName: filter, filterPattern: pattern },
    ...{ metricTransformations: { min: 1, max: 1 }, 'metricTransformations[].metricName': metric },
    ...{
      'metricTransformations[].metricNamespace': metric,
      'metricTransformations[].metricValue': { max: 100 },
    },
    ...{ 'metricTransformations[].dimensions': { max: 3 } },
  },
  DescribeMetricFilters: {
    ...{ logGroupName: group, filterNamePrefix: filter, limit: page },
    ...{ metricName: metric, metricNamespace: metric },
  },
  DeleteMetricFilter: { logGroupName: group, filterName: filter },
  TestMetricFilter: { filterPattern: pattern, logEventMessages: { min: 1, max: 50 } },
  PutSubscriptionFilter: {
    ...{ logGroupName: group, filterName: filter, filterPattern: pattern, destinationArn: { min: 1 } },
    ...{ roleArn: { min: 1 }, distribution: { enum: ['Random', 'ByLogStream'] } },
  },
  DescribeSubscriptionFilters: { logGroupName: group, filterNamePrefix: filter, limit: page },
  DeleteSubscriptionFilter: { logGroupName: group, filterName: filter },
  StartQuery: {
    ...{ queryString: { max: 10_000 }, limit, startTime: { min: 0 }, endTime: { min: 0 } },
    ...{ logGroupName: group, 'logGroupNames[]': group, 'logGroupIdentifiers[]': identifier },
    queryLanguage: { enum: ['CWLI', 'SQL', 'PPL'] },
  },
  GetQueryResults: { queryId: { max: 256 } },
  StopQuery: { queryId: { max: 256 } },
  DescribeQueries: {
    ...{ logGroupName: group, maxResults: { min: 1, max: 1000 } },
    status: { enum: ['Scheduled', 'Running', 'Complete', 'Failed', 'Cancelled', 'Timeout', 'Unknown'] },
  },
  TagResource: { resourceArn: { min: 1, max: 1011 }, tags: { min: 1, max: 50 } },
  UntagResource: { resourceArn: { min: 1, max: 1011 }, tagKeys: { min: 0, max: 50 } },
  ListTagsForResource: { resourceArn: { min: 1, max: 1011 } },
};
