import type { Actor, Clock, CustomerKeys as CustomerKeysPort, Ids } from '@helicase/kernel';
import { tables, type Migration, type Records } from '@helicase/records';
import type { Authorizer } from '@helicase/wire';
import type { Identities } from '../authorize/identities.ts';
import { SERVICE, serviceMay } from '../authorize/service-may.ts';
import { arnOf, type CustomerKeys, type Key } from './customer-keys.ts';
import { storeKeyErrors as errors } from './errors.ts';
import { grantPolicy } from './model.ts';
import { guardOf } from './guard.ts';

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
}

/** Stores under customers' keys: what is sealed for them opens only while the key lets HealthOmics use it. */
export class StoreKeys implements CustomerKeysPort {
  readonly #ports: StoreKeysPorts;
  readonly #known = new Map<string, string | undefined>();

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
    if (how.grant) {
      const grant = {
        ...{ id: ids.hex(64), token: ids.hex(64), name: `HealthOmics ${purpose}`, grantee: SERVICE },
        ...{ operations: GRANTED, createdAt: clock.now(), issuer: by.principal.arn },
      };
      key = await keys.change(key, (doc) => ({ ...doc, grants: [...doc.grants, grant] }));
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
    this.#serviceMay(key);
    return true;
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

  async #callerMay({ principal, scope }: Actor, key: Key, operations: readonly string[]): Promise<void> {
    for (const name of operations) {
      const question = { principal, scope, action: `kms:${name}`, resources: [arnOf(key)], via: SERVICE };
      const verdict = await this.#ports.authorizer.authorize({ ...question, ...guardOf(key) });
      if (!verdict.allowed) throw errors.callerMayNot({ message: verdict.message });
    }
  }

  #serviceMay(key: Key): void {
    if (key.status !== 'Enabled') throw errors.keyOff({ key: arnOf(key), state: key.status });
    const grants = grantPolicy(key.doc.grants);
    const may = serviceMay(this.#ports.identities, {
      ...{ owner: key.scope.account, action: 'kms:Decrypt', resource: arnOf(key) },
      policies: [key.doc.policy, ...(grants === undefined ? [] : [grants])],
    });
    if (!may) throw errors.serviceMayNot({ key: arnOf(key), service: SERVICE });
  }
}
