import type { AnyOperation, MemberConstraint, OperationConstraints } from '@helicase/wire';

/** Bounds of IAM's and STS's API models. A member of one name has the same bounds in every operation, but for a few. */
const name = (max: number): MemberConstraint => ({ min: 1, max, pattern: '[\\w+=,.@-]+' });
const path: MemberConstraint = { min: 1, max: 512, pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)' };
const document: MemberConstraint = {
  min: 1,
  max: 131_072,
  pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+',
};
const arn: MemberConstraint = { min: 20, max: 2048 };
const code: MemberConstraint = { min: 6, max: 6, pattern: '[\\d]+' };

const members: OperationConstraints = {
  UserName: name(128),
  NewUserName: name(64),
  GroupName: name(128),
  NewGroupName: name(128),
  RoleName: name(64),
  InstanceProfileName: name(128),
  PolicyName: name(128),
  VirtualMFADeviceName: name(226),
  SerialNumber: { min: 9, max: 256, pattern: '[\\w+=/:,.@-]+' },
  AuthenticationCode1: code,
  AuthenticationCode2: code,
  TokenCode: code,
  Path: path,
  NewPath: path,
  PathPrefix: { min: 1, max: 512, pattern: '\\u002F[\\u0021-\\u007F]*' },
  PolicyDocument: document,
  AssumeRolePolicyDocument: document,
  PolicyArn: arn,
  PermissionsBoundary: arn,
  RoleArn: arn,
  VersionId: { pattern: 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?' },
  AccessKeyId: { min: 16, max: 128, pattern: '[\\w]+' },
  Status: { enum: ['Active', 'Inactive', 'Expired'] },
  Description: { max: 1000, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*' },
  MaxSessionDuration: { min: 3600, max: 43_200 },
  Marker: { min: 1, max: 320, pattern: '[\\u0020-\\u00FF]+' },
  MaxItems: { min: 1, max: 1000 },
  Tags: { max: 50 },
  'Tags[].Key': { min: 1, max: 128, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
  'Tags[].Value': { min: 0, max: 256, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
  TagKeys: { max: 50 },
  Url: { min: 1, max: 255 },
  ClientIDList: { max: 100 },
  ClientID: { min: 1, max: 255 },
  'ThumbprintList[]': { min: 40, max: 40 },
  Scope: { enum: ['All', 'AWS', 'Local'] },
  EntityFilter: { enum: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] },
  PolicyUsageFilter: { enum: ['PermissionsPolicy', 'PermissionsBoundary'] },
  RoleSessionName: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  ExternalId: { min: 2, max: 1224, pattern: '[\\w+=,.@:\\/-]*' },
  SourceIdentity: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  DurationSeconds: { min: 900, max: 129_600 },
  Name: { min: 2, max: 32, pattern: '[\\w+=,.@-]*' },
  Policy: { min: 1 },
  WebIdentityToken: { min: 4, max: 20_000 },
};

/** Where an operation's own model says otherwise. */
const exceptions: Readonly<Record<string, OperationConstraints>> = {
  CreateUser: { UserName: name(64) },
  AssumeRole: { DurationSeconds: { min: 900, max: 43_200 } },
  AssumeRoleWithWebIdentity: { DurationSeconds: { min: 900, max: 43_200 } },
};

export function constraintsOf(
  operations: readonly AnyOperation[],
): Readonly<Record<string, OperationConstraints>> {
  return Object.fromEntries(
    operations.map((operation) => [operation.name, { ...members, ...exceptions[operation.name] }]),
  );
}
