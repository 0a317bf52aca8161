import type { StateMachine } from '@helicase/records';

/** AWS's key states. A key that is gone stays as a row that says so: ciphertexts that name it are told why. */
export type KeyStatus = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'Deleted';

export const keyMachine: StateMachine<KeyStatus> = {
  Enabled: { Disabled: 'DisableKey', PendingDeletion: 'ScheduleKeyDeletion' },
  Disabled: { Enabled: 'EnableKey', PendingDeletion: 'ScheduleKeyDeletion' },
  PendingDeletion: { Disabled: 'CancelKeyDeletion', Deleted: 'the waiting period is over' },
  Deleted: {},
};

export interface KeyDoc {
  readonly description: string;
  /** The key policy, a JSON text. */
  readonly policy: string;
  /** Number of the newest material; rotation adds one, and old ones go on decrypting. */
  readonly material: number;
  readonly rotation: { readonly enabled: boolean; readonly days: number; readonly rotatedAt: number };
  /** Milliseconds. */
  readonly deletionAt?: number;
  readonly grants: readonly Grant[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface Grant {
  readonly id: string;
  readonly token: string;
  readonly name?: string;
  /** An ARN, or a service's name. */
  readonly grantee: string;
  readonly retiring?: string;
  readonly operations: readonly string[];
  readonly contextEquals?: Readonly<Record<string, string>>;
  readonly contextSubset?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly issuer: string;
}

export interface AliasDoc {
  /** `alias/name`. */
  readonly name: string;
  readonly keyId: string;
}

export type EncryptionContext = Readonly<Record<string, string>>;

/** The policy of a key that is made without one: its account's own policies decide. */
export function defaultKeyPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

/** A key's grants as one more policy of its: what they allow is asked with everything else. */
export function grantPolicy(grants: readonly Grant[]): string | undefined {
  if (grants.length === 0) return undefined;
  return JSON.stringify({ Version: '2012-10-17', Statement: grants.map(statementOf) });
}

function statementOf({ id, grantee, operations, contextEquals, contextSubset }: Grant): object {
  const wanted = Object.entries({ ...contextSubset, ...contextEquals });
  const equals = Object.fromEntries(wanted.map(([key, value]) => [`kms:EncryptionContext:${key}`, value]));
  const keys = contextEquals
    ? { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(contextEquals) } }
    : {};
  const condition = { ...(wanted.length > 0 ? { StringEquals: equals } : {}), ...keys };
  return {
    Sid: `grant ${id}`,
    Effect: 'Allow',
    Principal: grantee.startsWith('arn:') ? { AWS: grantee } : { Service: grantee },
    Action: operations.map((name) => `kms:${name}`),
    Resource: '*',
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}
