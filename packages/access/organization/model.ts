import { createHash } from 'node:crypto';

/** A service control policy: what its targets may do at most. */
export interface ControlPolicy {
  readonly name: string;
  readonly description: string;
  readonly text: string;
}

/** One document, so that a change of policies or attachments is seen whole or not at all. */
export interface OrganizationDoc {
  readonly policies: Readonly<Record<string, ControlPolicy>>;
  /** Ids of policies by target: the root, or an account. What is not here has FullAWSAccess alone. */
  readonly attachments: Readonly<Record<string, readonly string[]>>;
}

/** The accounts of this server: the first of them manages the others, which no policy here limits. */
export interface Organization {
  readonly management: string;
  readonly accounts: readonly string[];
  /** `o-…` and `r-…`: the same on every server of the database, before anything is stored. */
  readonly id: string;
  readonly root: string;
  readonly doc: OrganizationDoc;
}

export const FULL_ACCESS = 'p-FullAWSAccess';

/** "By default, an AWS managed policy called FullAWSAccess is attached to all roots, OUs, and accounts." */
export const fullAccess: ControlPolicy = {
  name: 'FullAWSAccess',
  description: 'Allows access to every operation',
  text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
};

export function organizationOf(accounts: readonly string[], doc: OrganizationDoc | undefined): Organization {
  const management = accounts[0] ?? '';
  const digest = createHash('sha256').update(`organization of ${management}`).digest('hex');
  return {
    ...{ management, accounts, id: `o-${digest.slice(0, 10)}`, root: `r-${digest.slice(10, 14)}` },
    doc: doc ?? { policies: {}, attachments: {} },
  };
}

/** Ids of what is attached to the root or an account. */
export function attachedTo({ doc }: Organization, target: string): readonly string[] {
  return doc.attachments[target] ?? [FULL_ACCESS];
}

export function policyAt({ doc }: Organization, id: string): ControlPolicy | undefined {
  return id === FULL_ACCESS ? fullAccess : doc.policies[id];
}

/** The root and every account. */
export function targetsOf({ accounts, root }: Organization): readonly string[] {
  return [root, ...accounts];
}

export function organizationArn({ management }: Organization, kind: string, id: string): string {
  return `arn:aws:organizations::${management}:${kind}/${id}`;
}

export function targetArn(organization: Organization, target: string): string {
  const kind = target === organization.root ? 'root' : 'account';
  return organizationArn(organization, kind, `${organization.id}/${target}`);
}

export function policyArn(organization: Organization, id: string): string {
  return id === FULL_ACCESS
    ? `arn:aws:organizations::aws:policy/service_control_policy/${id}`
    : organizationArn(organization, 'policy', `${organization.id}/service_control_policy/${id}`);
}
