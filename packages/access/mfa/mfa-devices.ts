import type { KeyRing } from '@helicase/blobs';
import type { Clock } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { UniqueViolation } from '@helicase/records';
import { Failures } from '@helicase/wire';
import { globalScope } from '../account/accounts.ts';
import { entityMachine, type EntityStatus } from '../entity/model.ts';
import { errors } from '../errors.ts';
import { stepOf } from './totp.ts';

export interface MfaDeviceDoc {
  readonly name: string;
  readonly path: string;
  readonly sealedSeed: string;
  /** `root`, or the user's id; absent until it is enabled. */
  readonly owner?: string;
  readonly enabledAt?: number;
  /** The step of the last code that was taken: no code is taken twice. */
  readonly lastStep: number;
  readonly tags: Readonly<Record<string, string>>;
}

export type MfaDevice = Resource<MfaDeviceDoc, EntityStatus>;
type Table = ResourceTable<MfaDeviceDoc, EntityStatus, 'name_key' | 'owner', Transaction>;

/** Virtual multi-factor devices. */
export class MfaDevices {
  readonly #records: Records;
  readonly #keyring: KeyRing;
  readonly #clock: Clock;
  readonly #table: Table;
  /** A code has six digits: five wrong ones, and none is taken for five minutes. */
  readonly #wrong = new Failures({ most: 5, window: 5 * 60_000 });

  constructor({ records, keyring, clock }: { records: Records; keyring: KeyRing; clock: Clock }) {
    this.#records = records;
    this.#keyring = keyring;
    this.#clock = clock;
    this.#table = records.resource<MfaDeviceDoc, EntityStatus, 'name_key' | 'owner'>({
      kind: 'iam-mfa-device',
      machine: entityMachine,
      columns: { name_key: (doc) => doc.name.toLowerCase(), owner: (doc) => doc.owner ?? '' },
      unique: ['name_key'],
    });
  }

  async insert(account: string, id: string, name: string, path: string, seed: Buffer): Promise<MfaDevice> {
    const scope = globalScope(account);
    const sealedSeed = await this.#keyring.sealSecret(scope, seed.toString('base64'));
    const doc = { name, path, sealedSeed, lastStep: 0, tags: {} };
    try {
      return await this.#table.insert(this.#records.direct, { scope, id, status: 'ACTIVE', doc });
    } catch (error) {
      if (error instanceof UniqueViolation) throw errors.mfaExists({ name });
      throw error;
    }
  }

  async all(account: string): Promise<readonly MfaDevice[]> {
    return (await this.#table.list(this.#records.direct, globalScope(account), { limit: 1000 })).rows;
  }

  async of(account: string, owner: string): Promise<readonly MfaDevice[]> {
    const where = { owner };
    return (await this.#table.list(this.#records.direct, globalScope(account), { where, limit: 100 })).rows;
  }

  async get(account: string, serialNumber: string): Promise<MfaDevice> {
    const name = serialNumber.slice(serialNumber.lastIndexOf('/') + 1);
    const where = { name_key: name.toLowerCase() };
    const { rows } = await this.#table.list(this.#records.direct, globalScope(account), { where, limit: 1 });
    const found = rows[0];
    if (!found || serialOf(found) !== serialNumber) throw errors.mfaMissing({ serial: serialNumber });
    return found;
  }

  /** Two codes in a row prove that the seed arrived. */
  async enable(device: MfaDevice, owner: string, codes: readonly [string, string]): Promise<void> {
    const seed = await this.#seed(device);
    const now = this.#clock.now();
    const [first, second] = codes.map((code) => stepOf(seed, code, now));
    if (first === undefined || second !== first + 1) throw errors.mfaCodesWrong({});
    await this.#update(device, (doc) => ({ ...doc, owner, enabledAt: now, lastStep: second }));
  }

  async disable(device: MfaDevice): Promise<void> {
    await this.#update(device, ({ owner: _owner, enabledAt: _at, ...doc }) => doc);
  }

  /** Whether the owner's device shows this code now; each code is good once. */
  async accepts(account: string, owner: string, serialNumber: string, code: string): Promise<boolean> {
    const device = (await this.of(account, owner)).find((one) => serialOf(one) === serialNumber);
    const now = this.#clock.now();
    if (!device || this.#wrong.isRefused(serialNumber, now)) return false;
    const step = stepOf(await this.#seed(device), code, now);
    if (step === undefined) {
      this.#wrong.failed(serialNumber, now);
      return false;
    }
    return this.#records.transaction(async (tx) => {
      const held = await this.#table.hold(tx, device.scope, device.id);
      if (!held || held.doc.lastStep >= step) return false;
      await this.#table.update(tx, device.scope, device.id, (doc) => ({ ...doc, lastStep: step }));
      return true;
    });
  }

  async remove({ scope, id }: MfaDevice): Promise<void> {
    await this.#records.transaction((tx) => this.#table.remove(tx, scope, id));
  }

  async #seed({ scope, doc }: MfaDevice): Promise<Buffer> {
    return Buffer.from(await this.#keyring.openSecret(scope, doc.sealedSeed), 'base64');
  }

  async #update({ scope, id }: MfaDevice, change: (doc: MfaDeviceDoc) => MfaDeviceDoc): Promise<void> {
    await this.#records.transaction((tx) => this.#table.update(tx, scope, id, change));
  }
}

export function serialOf({ scope, doc }: MfaDevice): string {
  return `arn:aws:iam::${scope.account}:mfa${doc.path}${doc.name}`;
}
