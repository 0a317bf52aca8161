import type { StateMachine } from '@helicase/records';

/** A role as IAM keeps it. Policies are JSON text, stored as given. */
export interface RoleDoc {
  /** As written; unique in the account whatever its case. */
  readonly name: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly maxSessionDuration: number;
  readonly trustPolicy: string;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A role is there or it is not. */
export type RoleStatus = 'ACTIVE';
export const roleMachine: StateMachine<RoleStatus> = { ACTIVE: {} };

export function roleArn(account: string, role: Pick<RoleDoc, 'path' | 'name'>): string {
  return `arn:aws:iam::${account}:role${role.path}${role.name}`;
}
