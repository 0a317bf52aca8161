import type { StateMachine } from '@helicase/records';

/** What users, groups and roles have in common. Policies are JSON texts, stored as given. */
export interface EntityDoc {
  /** As written; unique in the account whatever its case. */
  readonly name: string;
  readonly path: string;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  /** ARNs of managed policies; absent in roles of the first days. */
  readonly attachedPolicies?: readonly string[];
  /** ARN of the managed policy that bounds it. Groups have none. */
  readonly boundary?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** An entity is there or it is not. */
export type EntityStatus = 'ACTIVE';
export const entityMachine: StateMachine<EntityStatus> = { ACTIVE: {} };

export type Noun = 'User' | 'Group' | 'Role' | 'InstanceProfile';

export function entityArn(
  account: string,
  noun: Noun,
  { path, name }: { path: string; name: string },
): string {
  return `arn:aws:iam::${account}:${words(noun, '-')}${path}${name}`;
}

/** `instance profile`: a noun as its words. */
export function words(noun: Noun, between = ' '): string {
  return noun.replace(/(?<=[a-z])(?=[A-Z])/g, between).toLowerCase();
}
