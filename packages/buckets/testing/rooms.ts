import { type Ids, rootPrincipal, type Scope, silentLog, systemClock } from '@helicase/kernel';
import { type BucketView, openTestVault, type TestVault } from '@helicase/blobs';
import { openTestRecords, type Records, type TestRecords } from '@helicase/records';
import type { Authorizer } from '@helicase/wire';
import { type Buckets, createBuckets } from '../create-buckets.ts';
import type { ExternalBucketConfig } from '../objects-port/external.ts';

export const EAST: Scope = { account: '111122223333', region: 'us-east-1' };
export const WEST: Scope = { account: '111122223333', region: 'eu-west-1' };
export const OTHER: Scope = { account: '444455556666', region: 'us-east-1' };

export function actorIn(scope: Scope) {
  return { scope, principal: rootPrincipal(scope.account) };
}

/** What the access room says until policies come: an account's root may do everything in its account. */
export const rootOnly: Authorizer = {
  authorize: async ({ principal, owner }) =>
    principal.kind === 'root' && (owner === undefined || owner === principal.account)
      ? { allowed: true }
      : { allowed: false, message: 'No policy allows it to anyone but the account root.' },
};

export interface TestBuckets extends Buckets {
  readonly records: Records;
  readonly vault: TestVault;
  readonly ids: Ids;
  close(): Promise<void>;
}

/** Buckets over real records and a real vault in temporary places. */
export async function openTestBuckets(
  dialect: 'sqlite' | 'postgres' = 'sqlite',
  options: {
    readonly views?: readonly BucketView[];
    readonly external?: readonly ExternalBucketConfig[];
  } = {},
): Promise<TestBuckets> {
  let records: TestRecords | undefined = undefined;
  const ledger = () => (records as unknown as TestRecords).records.blobs;
  const vault = await openTestVault({
    ledger: {
      begin: (scope, id) => ledger().begin(scope, id),
      forget: (id) => ledger().forget(id),
      garbage: (limit) => ledger().garbage(limit),
    },
  });
  const parts = { vault: vault.vault, clock: systemClock, ids: vault.ids, log: silentLog, ...options };
  let buckets: Buckets | undefined;
  records = await openTestRecords({
    dialect,
    declare: (opened) => {
      buckets = createBuckets({
        ...parts,
        records: opened,
        authorizer: rootOnly,
        policyFault: () => undefined,
      });
    },
  });
  const close = async () => {
    await records?.close();
    await vault.close();
  };
  return { ...buckets!, records: records.records, vault, ids: vault.ids, close };
}
