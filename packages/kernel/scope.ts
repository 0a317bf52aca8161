/** Which world a row, key, bucket or token belongs to: one AWS account in one region. */
export interface Scope {
  /** Twelve digits. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
}

/** Who a request or a job acts for. Every port that touches bytes, logs, keys or images takes one. */
export interface Principal {
  readonly account: string;
  readonly kind: 'root' | 'user' | 'role';
  /** `arn:aws:iam::<account>:root`, `...:user/<name>` or `...:role/<name>`. */
  readonly arn: string;
  /** The id that STS GetCallerIdentity answers as UserId. */
  readonly id: string;
}

/** A principal acting in one region: what jobs carry with them and ports are given. */
export interface Actor {
  readonly scope: Scope;
  readonly principal: Principal;
}

/** The account's root principal. Its powers end at its own account. */
export function rootPrincipal(account: string): Principal {
  return { account, kind: 'root', arn: `arn:aws:iam::${account}:root`, id: account };
}

/** The principal of a role's session, as jobs act after AssumeRole. */
export function rolePrincipal(roleArn: string, roleId: string): Principal {
  const account = roleArn.split(':')[4] ?? '';
  return { account, kind: 'role', arn: roleArn, id: roleId };
}

/** Roles by ARN, as jobs need them: `role` of an import or a run must be one, and the job then acts as it. */
export interface Roles {
  /** The role's actor in this scope; a ServiceError (ValidationException naming the role) where there is no such role. */
  assume(scope: Scope, roleArn: string): Promise<Actor>;
}
