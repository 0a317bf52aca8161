import type { MemberConstraint, OperationConstraints } from '@helicase/wire';

/** Bounds of IAM's API model for the operations that this room answers. */
const RoleName: MemberConstraint = { min: 1, max: 64, pattern: '[\\w+=,.@-]+' };
const PolicyName: MemberConstraint = { min: 1, max: 128, pattern: '[\\w+=,.@-]+' };
const document: MemberConstraint = {
  min: 1,
  max: 131_072,
  pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+',
};
const page: OperationConstraints = {
  Marker: { min: 1, max: 320, pattern: '[\\u0020-\\u00FF]+' },
  MaxItems: { min: 1, max: 1000 },
};

export const roleConstraints: Readonly<Record<string, OperationConstraints>> = {
  CreateRole: {
    RoleName,
    Path: { min: 1, max: 512, pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)' },
    AssumeRolePolicyDocument: document,
    Description: { max: 1000, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*' },
    MaxSessionDuration: { min: 3600, max: 43_200 },
    Tags: { max: 50 },
    'Tags[].Key': { min: 1, max: 128, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
    'Tags[].Value': { min: 0, max: 256, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
  },
  GetRole: { RoleName },
  ListRoles: { ...page, PathPrefix: { min: 1, max: 512, pattern: '\\u002F[\\u0021-\\u007F]*' } },
  DeleteRole: { RoleName },
  PutRolePolicy: { RoleName, PolicyName, PolicyDocument: document },
  GetRolePolicy: { RoleName, PolicyName },
  ListRolePolicies: { ...page, RoleName },
  DeleteRolePolicy: { RoleName, PolicyName },
};
