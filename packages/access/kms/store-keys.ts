import type { Actor, Clock, CustomerKeys as CustomerKeysPort, Ids, ServiceError } from '@helicase/kernel';
import { tables, type Migration, type Records } from '@helicase/records';
import type { Authorizer, CallOutcome } from '@helicase/wire';
import type { Identities } from '../authorize/identities.ts';
import { SERVICE, serviceMay } from '../authorize/service-may.ts';
import { arnOf, type CustomerKeys, type Key } from './customer-keys.ts';
import { storeKeyErrors as errors } from './errors.ts';
import { grantPolicy } from './model.ts';
import { guardOf } from './guard.ts';
import { type KeyOperation, type KeyUse, keyUseCall, type RecordKeyUse } from './key-use.ts';

/** What HealthOmics asks a grant for: https://docs.aws.amazon.com/omics/latest/dev/data-protection.html */
const GRANTED = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];

/** Which customer key guards a key of the key ring. Rows are made before the first byte is sealed, and never change. */
interface Binding {
  readonly ring_key: string;
  readonly customer_key: string;
}
const bindings = (records: Records) => tables<{ kms_binding: Binding }>(records.direct);

export const storeKeyMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-kms-bindings',
    async up(sql) {
      await sql.schema
        .createTable('kms_binding')
        .addColumn('ring_key', 'text', (column) => column.primaryKey())
        .addColumn('customer_key', 'text', (column) => column.notNull())
        .execute();
    },
  },
];

export interface StoreKeysPorts {
  readonly records: Records;
  readonly keys: CustomerKeys;
  readonly authorizer: Authorizer;
  readonly identities: Identities;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly recordKeyUse?: RecordKeyUse;
}

/** Milliseconds that a data key may be kept before the customer's key is asked anew, as records tell it. */
const DATA_KEY_KEPT = 5 * 60_000;

/** Stores under customers' keys: what is sealed for them opens only while the key lets HealthOmics use it. */
export class StoreKeys implements CustomerKeysPort {
  readonly #ports: StoreKeysPorts;
  readonly #known = new Map<string, string | undefined>();
  /** By key of the key ring: when its last use was recorded, and how it ended. */
  readonly #recorded = new Map<string, { readonly at: number; readonly code: string | undefined }>();

  constructor(ports: StoreKeysPorts) {
    this.#ports = ports;
  }

  async attach(by: Actor, keyArn: string, purpose: string, how: { readonly grant: boolean }): Promise<void> {
    const { keys, records, clock, ids } = this.#ports;
    let key = await keys.find(by.scope, keyArn);
    await this.#callerMay(
      by,
      key,
      how.grant ? ['DescribeKey', 'GenerateDataKey', 'CreateGrant'] : ['DescribeKey', 'GenerateDataKey'],
    );
    await this.#record({ key, operation: 'DescribeKey', service: SERVICE, by: by.principal });
    await this.#record({ key, operation: 'GenerateDataKey', service: SERVICE, by: by.principal });
    if (how.grant) {
      const grant = {
        ...{ id: ids.hex(64), token: ids.hex(64), name: `HealthOmics ${purpose}`, grantee: SERVICE },
        ...{ operations: GRANTED, createdAt: clock.now(), issuer: by.principal.arn },
      };
      key = await keys.change(key, (doc) => ({ ...doc, grants: [...doc.grants, grant] }));
      const parameters = { granteePrincipal: SERVICE, operations: GRANTED };
      const use = { key, operation: 'CreateGrant', service: SERVICE, by: by.principal, parameters } as const;
      await this.#record(use, { output: { grantId: grant.id, keyId: arnOf(key) } });
    }
    this.#serviceMay(key);
    const { account, region } = by.scope;
    const row = { ring_key: `${account}/${region}/${purpose}`, customer_key: arnOf(key) };
    await bindings(records).insertInto('kms_binding').values(row).execute();
    this.#known.set(row.ring_key, row.customer_key);
  }

  /** Whether a customer's key guards this one of the key ring. Throws where that does not let us use it. */
  async check(ringKey: string): Promise<boolean> {
    const arn = await this.#bound(ringKey);
    if (arn === undefined) return false;
    const [account, region] = ringKey.split('/') as [string, string];
    const key = await this.#ports.keys.find({ account, region }, arn).catch(() => undefined);
    if (!key) throw errors.keyGone({ key: arn });
    const refusal = this.#refusal(key);
    await this.#recordOpening(ringKey, key, refusal);
    if (refusal) throw refusal;
    return true;
  }

  /** One record for what is opened within a few minutes, and for each change of the answer. */
  async #recordOpening(ringKey: string, key: Key, refusal: ServiceError | undefined): Promise<void> {
    const now = this.#ports.clock.now();
    const last = this.#recorded.get(ringKey);
    if (last && last.code === refusal?.code && now - last.at < DATA_KEY_KEPT) return;
    this.#recorded.set(ringKey, { at: now, code: refusal?.code });
    await this.#record(
      { key, operation: 'Decrypt', service: SERVICE },
      refusal ? { status: refusal.status, code: refusal.code, message: refusal.message } : {},
    );
  }

  async #record(use: KeyUse, outcome: Partial<CallOutcome> = {}): Promise<void> {
    await this.#ports.recordKeyUse?.(keyUseCall(this.#ports.ids, use), { status: 200, ...outcome });
  }

  async #bound(ringKey: string): Promise<string | undefined> {
    if (!/\/(sequenceStore|referenceStore|variantStore|annotationStore|tables)\//.test(ringKey))
      return undefined;
    if (this.#known.has(ringKey)) return this.#known.get(ringKey);
    const row = await bindings(this.#ports.records)
      .selectFrom('kms_binding')
      .select('customer_key')
      .where('ring_key', '=', ringKey)
      .executeTakeFirst();
    this.#known.set(ringKey, row?.customer_key);
    return row?.customer_key;
  }

  async #callerMay(
    { principal, scope }: Actor,
    key: Key,
    operations: readonly KeyOperation[],
  ): Promise<void> {
    for (const name of operations) {
      const question = { principal, scope, action: `kms:${name}`, resources: [arnOf(key)], via: SERVICE };
      const verdict = await this.#ports.authorizer.authorize({ ...question, ...guardOf(key) });
      if (verdict.allowed) continue;
      const use = { key, operation: name, service: SERVICE, by: principal };
      await this.#record(use, { status: 400, code: 'AccessDeniedException', message: verdict.message });
      throw errors.callerMayNot({ message: verdict.message });
    }
  }

  #serviceMay(key: Key): void {
    const refusal = this.#refusal(key);
    if (refusal) throw refusal;
  }

  #refusal(key: Key): ServiceError | undefined {
    if (key.status !== 'Enabled') return errors.keyOff({ key: arnOf(key), state: key.status });
    const grants = grantPolicy(key.doc.grants);
    const may = serviceMay(this.#ports.identities, {
      ...{ owner: key.scope.account, action: 'kms:Decrypt', resource: arnOf(key) },
      policies: [key.doc.policy, ...(grants === undefined ? [] : [grants])],
    });
    return may ? undefined : errors.serviceMayNot({ key: arnOf(key), service: SERVICE });
  }
}
