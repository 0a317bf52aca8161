import { createHash } from 'node:crypto';
import { type KeyRing, KeyUnavailable } from '@helicase/blobs';
import { type Clock, type Ids, parseArn, type Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { kmsErrors as errors } from './errors.ts';
import { type AliasDoc, type EncryptionContext, type KeyDoc, keyMachine, type KeyStatus } from './model.ts';

export type Key = Resource<KeyDoc, KeyStatus>;
type KeyTable = ResourceTable<KeyDoc, KeyStatus, never, Transaction>;
type AliasTable = ResourceTable<AliasDoc, 'ACTIVE', 'name', Transaction>;

export interface CustomerKeysOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
}

const DAY = 24 * 60 * 60 * 1000;
const DIGEST = 32;

/** Keys that customers make: KMS's. Their material is the key ring's, wrapped by the account's key of the region. */
export class CustomerKeys {
  readonly records: Records;
  readonly #options: CustomerKeysOptions;
  readonly #keys: KeyTable;
  readonly #aliases: AliasTable;

  constructor(options: CustomerKeysOptions) {
    const { records } = options;
    this.records = records;
    this.#options = options;
    this.#keys = records.resource<KeyDoc, KeyStatus>({
      kind: 'kms-key',
      machine: keyMachine,
      tagged: {
        type: 'kms:key',
        arn: (key) => arnOf(key),
        among: (resource) => {
          const id = /^key\/([0-9a-f-]+)$/.exec(resource)?.[1];
          return id === undefined ? undefined : { ids: [id] };
        },
        gone: ['Deleted'],
      },
    });
    this.#aliases = records.resource<AliasDoc, 'ACTIVE', 'name'>({
      kind: 'kms-alias',
      machine: { ACTIVE: {} },
      columns: { name: (doc) => doc.name },
      unique: ['name'],
    });
  }

  async create(scope: Scope, doc: Pick<KeyDoc, 'description' | 'policy' | 'tags'>): Promise<Key> {
    const now = this.#options.clock.now();
    const rotation = { enabled: false, days: 365, rotatedAt: now };
    const whole: KeyDoc = { ...doc, material: 1, rotation, grants: [] };
    const row = { scope, id: this.#options.ids.uuid(), status: 'Enabled' as const, doc: whole };
    return this.#keys.insert(this.records.direct, row);
  }

  /** By id, ARN, alias or alias ARN. What is not there, or of another region, is told as such. */
  async find(scope: Scope, name: string): Promise<Key> {
    const arn = parseArn(name);
    const at = arn ? { account: arn.account, region: arn.region } : scope;
    const local = arn?.resource ?? name;
    const id = local.startsWith('alias/') ? await this.#aliased(at, local) : local.replace(/^key\//, '');
    const key = at.region === scope.region ? await this.#keys.find(this.records.direct, at, id) : undefined;
    if (!key || key.status === 'Deleted') throw errors.keyMissing({ key: name });
    return this.#overdue(key) ? this.#erase(key, name) : key;
  }

  async list(scope: Scope): Promise<readonly Key[]> {
    const statuses = ['Enabled', 'Disabled', 'PendingDeletion'] as const;
    return (await this.#keys.list(this.records.direct, scope, { statuses, limit: 1000 })).rows;
  }

  async change(key: Key, edit: (doc: KeyDoc) => KeyDoc): Promise<Key> {
    return this.records.transaction((tx) => this.#keys.update(tx, key.scope, key.id, edit));
  }

  async transition(key: Key, to: KeyStatus, doc: (doc: KeyDoc) => KeyDoc = (same) => same): Promise<Key> {
    return this.records.transaction((tx) => this.#keys.transition(tx, key.scope, key.id, to, { doc }));
  }

  async alias(scope: Scope, name: string, keyId: string, mayReplace: boolean): Promise<void> {
    await this.records.transaction(async (tx) => {
      const { rows } = await this.#aliases.list(tx, scope, { where: { name }, limit: 1 });
      if (rows[0] && !mayReplace) throw errors.aliasExists({ alias: name });
      if (!rows[0] && mayReplace) throw errors.aliasMissing({ alias: name });
      const doc = { name, keyId };
      if (rows[0]) await this.#aliases.update(tx, scope, rows[0].id, () => doc);
      else await this.#aliases.insert(tx, { scope, id: this.#options.ids.uuid(), status: 'ACTIVE', doc });
    });
  }

  async removeAlias(scope: Scope, name: string): Promise<void> {
    await this.records.transaction(async (tx) => {
      const { rows } = await this.#aliases.list(tx, scope, { where: { name }, limit: 1 });
      if (!rows[0]) throw errors.aliasMissing({ alias: name });
      await this.#aliases.remove(tx, scope, rows[0].id);
    });
  }

  async aliases(scope: Scope): Promise<readonly Resource<AliasDoc, 'ACTIVE'>[]> {
    return (await this.#aliases.list(this.records.direct, scope, { limit: 1000 })).rows;
  }

  /** Under the newest material; the encryption context must be given again to decrypt. */
  async encrypt(key: Key, plain: Uint8Array, context: EncryptionContext | undefined): Promise<Buffer> {
    usable(key);
    const current = await this.#rotatedIfDue(key);
    const ringKey = await this.#material(current, current.doc.material);
    const sealed = await this.#options.keyring.wrap(ringKey, Buffer.concat([digestOf(context), plain]));
    const header = Buffer.from(JSON.stringify({ k: arnOf(key), m: current.doc.material }));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(header.length);
    return Buffer.concat([MAGIC, length, header, sealed]);
  }

  /** The key that a ciphertext names, not proven. */
  async keyOf(scope: Scope, ciphertext: Uint8Array): Promise<Key> {
    const { arn } = readHeader(ciphertext);
    return this.find(scope, arn);
  }

  async decrypt(key: Key, ciphertext: Uint8Array, context: EncryptionContext | undefined): Promise<Buffer> {
    usable(key);
    const { arn, material, sealed } = readHeader(ciphertext);
    if (arn !== arnOf(key)) throw errors.otherKey({});
    const ringKey = await this.#material(key, material);
    const opened = await this.#options.keyring.unwrap(ringKey, sealed).catch((error: unknown) => {
      throw error instanceof KeyUnavailable ? errors.ciphertext({}) : error;
    });
    if (!opened.subarray(0, DIGEST).equals(digestOf(context))) throw errors.ciphertext({});
    return opened.subarray(DIGEST);
  }

  async rotate(key: Key): Promise<Key> {
    const rotatedAt = this.#options.clock.now();
    return this.change(key, (doc) => ({
      ...doc,
      material: doc.material + 1,
      rotation: { ...doc.rotation, rotatedAt },
    }));
  }

  #rotatedIfDue(key: Key): Promise<Key> {
    const { enabled, days, rotatedAt } = key.doc.rotation;
    const isDue = enabled && this.#options.clock.now() >= rotatedAt + days * DAY;
    return isDue ? this.rotate(key) : Promise.resolve(key);
  }

  #material(key: Key, number: number): Promise<string> {
    return this.#options.keyring.keyFor(key.scope, `kms/${key.id}/${number}`);
  }

  async #aliased(scope: Scope, name: string): Promise<string> {
    const { rows } = await this.#aliases.list(this.records.direct, scope, { where: { name }, limit: 1 });
    if (!rows[0]) throw errors.aliasMissing({ alias: name });
    return rows[0].doc.keyId;
  }

  #overdue({ status, doc }: Key): boolean {
    return status === 'PendingDeletion' && (doc.deletionAt ?? Infinity) <= this.#options.clock.now();
  }

  async #erase(key: Key, name: string): Promise<never> {
    await this.transition(key, 'Deleted', (doc) => ({ ...doc, grants: [] }));
    throw errors.keyMissing({ key: name });
  }
}

const MAGIC = Buffer.from('HKMS1');

function readHeader(bytes: Uint8Array): {
  readonly arn: string;
  readonly material: number;
  readonly sealed: Buffer;
} {
  const buffer = Buffer.from(bytes);
  try {
    if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not ours');
    const start = MAGIC.length + 2;
    const end = start + buffer.readUInt16BE(MAGIC.length);
    const { k: arn, m: material } = JSON.parse(buffer.subarray(start, end).toString('utf8')) as {
      k: string;
      m: number;
    };
    return { arn, material, sealed: buffer.subarray(end) };
  } catch {
    throw errors.ciphertext({});
  }
}

/** Of the context's pairs in the order of their keys: what was sealed with one context opens with no other. */
function digestOf(context: EncryptionContext | undefined): Buffer {
  const pairs = Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(pairs)).digest();
}

function usable(key: Key): void {
  if (key.status === 'Disabled') throw errors.disabled({ key: arnOf(key) });
  if (key.status !== 'Enabled') throw errors.stateWrong({ key: arnOf(key), state: key.status });
}

export function arnOf({ scope, id }: Pick<Key, 'scope' | 'id'>): string {
  return `arn:aws:kms:${scope.region}:${scope.account}:key/${id}`;
}
