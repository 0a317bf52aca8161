import type { Principal } from '@helicase/kernel';

/** CloudTrail's userIdentity element. */
export interface UserIdentity {
  readonly type: 'Root' | 'IAMUser' | 'AssumedRole';
  readonly principalId: string;
  readonly arn: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly userName?: string;
  readonly sessionContext?: {
    readonly sessionIssuer: {
      readonly type: 'Role';
      readonly principalId: string;
      readonly arn: string;
      readonly accountId: string;
      readonly userName: string;
    };
  };
}

export function userIdentity({ account, arn, id, kind }: Principal, accessKeyId: string): UserIdentity {
  const common = { principalId: id, arn, accountId: account, accessKeyId };
  const userName = arn.slice(arn.lastIndexOf('/') + 1);
  if (kind === 'root') return { type: 'Root', ...common };
  if (kind === 'user') return { type: 'IAMUser', ...common, userName };
  const issuer = { principalId: id.split(':')[0]!, arn: roleArn(arn), accountId: account };
  const name = issuer.arn.slice(issuer.arn.lastIndexOf('/') + 1);
  return {
    type: 'AssumedRole',
    ...common,
    sessionContext: { sessionIssuer: { type: 'Role', ...issuer, userName: name } },
  };
}

/** `arn:aws:sts::1:assumed-role/admin/session` is a session of `arn:aws:iam::1:role/admin`. */
function roleArn(arn: string): string {
  const match = /^arn:([^:]+):sts::([0-9]+):assumed-role\/(.+)\/[^/]+$/.exec(arn);
  return match ? `arn:${match[1]}:iam::${match[2]}:role/${match[3]}` : arn;
}
