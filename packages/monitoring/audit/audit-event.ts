import { parseArn, type Scope } from '@helicase/kernel';
import type { CallOutcome, ObservedCall } from '@helicase/wire';
import { parametersOf } from './parameters.ts';
import { type UserIdentity, userIdentity } from './user-identity.ts';

/** One API call in CloudTrail's form: the guide, "Understanding AWS HealthOmics log file entries". */
export interface AuditEvent {
  readonly eventVersion: '1.08';
  readonly userIdentity: UserIdentity;
  /** ISO 8601, whole seconds, as CloudTrail has it. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly AuditResource[];
  readonly eventType: 'AwsApiCall';
  /** False for reads and writes of objects' bytes. */
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management' | 'Data';
}

/** The record of a call. `at`: milliseconds since 1970. */
export function auditEvent(
  call: ObservedCall,
  outcome: CallOutcome,
  eventID: string,
  at: number,
): AuditEvent {
  const { context, input, operation, origin, resources, service } = call;
  const { scope } = context;
  const isData = service === 's3' && resources.some((arn) => arn.includes('/'));
  const named = resources.filter((arn) => arn.startsWith('arn:') && !arn.includes('*'));
  return {
    eventVersion: '1.08',
    userIdentity: userIdentity(call),
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName: operation.name,
    awsRegion: scope.region,
    sourceIPAddress: origin.address,
    userAgent: origin.userAgent ?? '',
    ...(outcome.code === undefined ? {} : { errorCode: outcome.code }),
    ...(outcome.message === undefined ? {} : { errorMessage: outcome.message }),
    requestParameters: parametersOf(input),
    responseElements: operation.readOnly ? null : parametersOf(outcome.output),
    requestID: context.requestId,
    eventID,
    readOnly: operation.readOnly,
    ...(named.length === 0 ? {} : { resources: named.map((ARN) => auditResource(ARN, scope)) }),
    eventType: 'AwsApiCall',
    managementEvent: !isData,
    recipientAccountId: scope.account,
    eventCategory: isData ? 'Data' : 'Management',
  };
}

export interface AuditResource {
  readonly ARN: string;
  readonly accountId: string;
  readonly type?: string;
}

/** The types that CloudTrail's records name; HealthOmics' resources have none there. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^arn:[^:]*:kms:.*:key\//, 'AWS::KMS::Key'],
  [/^arn:[^:]*:s3:::[^/]+\//, 'AWS::S3::Object'],
  [/^arn:[^:]*:s3:::/, 'AWS::S3::Bucket'],
];

function auditResource(ARN: string, { account }: Scope): AuditResource {
  const type = TYPES.find(([pattern]) => pattern.test(ARN))?.[1];
  return { ARN, accountId: parseArn(ARN)?.account || account, ...(type === undefined ? {} : { type }) };
}
