/** Which world a row, key, bucket or token belongs to: one AWS account in one region. */
export interface Scope {
  /** Twelve digits. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
}

/** How many of something an account may have in a region: everywhere the same, or as its quota is at this moment. */
export type ScopeLimit = number | ((scope: Scope) => number);

export function limitIn(limit: ScopeLimit, scope: Scope): number {
  return typeof limit === 'number' ? limit : limit(scope);
}

/** Who a request or a job acts for. Every port that touches bytes, logs, keys or images takes one. */
export interface Principal {
  readonly account: string;
  readonly kind: 'root' | 'user' | 'role' | 'federated';
  /** `arn:aws:iam::<account>:root`, `...:user/<name>`, `...:role/<name>`, or a session's of STS. */
  readonly arn: string;
  /** The id that STS GetCallerIdentity answers as UserId. */
  readonly id: string;
  /** Present where it acts by temporary credentials. */
  readonly session?: Session;
}

/** Temporary credentials, as policies ask about them. Plain data: jobs carry it with them. */
export interface Session {
  /** The user, role or root that they were made from. */
  readonly issuer: { readonly arn: string; readonly id: string };
  readonly name: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Session policies, JSON texts; absent where there are none. */
  readonly policies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Keys of `tags` that sessions made from this one have too. */
  readonly transitiveTags?: readonly string[];
  readonly sourceIdentity?: string;
  /** When a code of a multi-factor device was given. */
  readonly mfaAt?: number;
  /** The issuer of the web identity token, without its `https://`. */
  readonly federatedProvider?: string;
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

/** Why a role is assumed. */
export interface RolePassing {
  /** The caller that names the role in its request; absent where the job itself assumes it again. */
  readonly passedBy?: Actor;
  /** The resource that it is assumed for: `aws:SourceArn` of the role's trust policy. */
  readonly sourceArn?: string;
  /** What the job may do at most, whatever the role may: a policy's JSON text. */
  readonly sessionPolicy?: string;
}

/** Roles by ARN, as jobs need them: `role` of an import or a run must be one, and the job then acts as it. */
export interface Roles {
  /**
   * The role's actor in this scope; a ServiceError naming the role where there is none, where its trust policy does not
   * let HealthOmics assume it, or where the one who passes it may not (`iam:PassRole`).
   */
  assume(scope: Scope, roleArn: string, by?: RolePassing): Promise<Actor>;
}

/** Credentials that end. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/**
 * Credentials of the caller for what the policy, a JSON text, allows of what the caller may; undefined where the caller's own
 * cannot be narrowed.
 */
export type NarrowCredentials = (
  principal: Principal,
  policy: string,
) => Promise<TemporaryCredentials | undefined>;

/** Resources of other accounts that were shared with this one: usable for as long as the share is ACTIVE. */
export interface SharedResources {
  isShared(scope: Scope, resourceArn: string): Promise<boolean>;
  /** Accounts that the owner ever offered it to: what they began with it may still go on. */
  subscribers(owner: Scope, resourceArn: string): Promise<readonly string[]>;
}

/** Keys that customers made, for objects of buckets: used in the name of whoever writes or reads (SSE-KMS). */
export interface ObjectKeys {
  /** What to seal an object for under this key (id, ARN or alias). Throws where the actor may not encrypt with it. */
  sealing(
    by: Actor,
    key: string,
    objectArn: string,
  ): Promise<{ readonly keyArn: string; readonly sealedFor: string }>;
  /** Throws where the actor may not decrypt with the key, or it is off. */
  allowOpening(by: Actor, keyArn: string, objectArn: string): Promise<void>;
}

/** Keys that customers made, for stores that shall be sealed under one. */
export interface CustomerKeys {
  /**
   * From now on what is sealed for `purpose` opens only while this key lets HealthOmics use it: by its policy, or by a
   * grant made here. Throws where there is no such key, or the caller may not use it.
   */
  attach(by: Actor, keyArn: string, purpose: string, how: { readonly grant: boolean }): Promise<void>;
}
