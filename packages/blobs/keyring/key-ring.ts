import type { Random, Scope } from '@helicase/kernel';
import { KeyUnavailable } from '../errors.ts';
import type { KeyRing, WrappedKeyRows } from '../keys.ts';
import { unwrapBytes, wrapBytes } from './wrapping.ts';

export interface KeyRingOptions {
  readonly rows: WrappedKeyRows;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly random: Random;
  /** Asked before a key is used: throws where it may not be, answers whether it ever has a say about this key. */
  readonly gate?: (keyId: string) => Promise<boolean>;
}

const KEY_SIZE = 32;
const ROOT = 'root';

/** Key ids are readable and carry the scope: `<account>/<region>` and `<account>/<region>/<purpose>`. */
export function openKeyRing(options: KeyRingOptions): KeyRing {
  if (options.root.length !== KEY_SIZE) throw new Error('A root key has 32 bytes');
  return new ChainedKeyRing(options);
}

class ChainedKeyRing implements KeyRing {
  readonly #rows: WrappedKeyRows;
  readonly #root: Uint8Array;
  readonly #random: Random;
  readonly #gate: KeyRingOptions['gate'];
  /** Unwrapped keys, in memory only. */
  readonly #keys = new Map<string, Promise<Uint8Array>>();

  constructor({ rows, root, random, gate }: KeyRingOptions) {
    this.#gate = gate;
    this.#rows = rows;
    this.#root = root;
    this.#random = random;
  }

  async keyFor(scope: Scope, purpose: string): Promise<string> {
    const account = accountKeyId(scope);
    const id = `${account}/${purpose}`;
    await this.#remembered(id, () => this.#loadOrMake(id, account));
    return id;
  }

  async wrap(keyId: string, plain: Uint8Array): Promise<Uint8Array> {
    await this.#gate?.(keyId);
    return wrapBytes(await this.#key(keyId), keyId, plain, this.#random);
  }

  async unwrap(keyId: string, wrapped: Uint8Array): Promise<Buffer> {
    await this.#gate?.(keyId);
    const plain = unwrapBytes(await this.#key(keyId), keyId, wrapped);
    if (!plain) throw new KeyUnavailable(keyId, 'it did not wrap these bytes, or they were altered.');
    return plain;
  }

  async isGuarded(keyId: string): Promise<boolean> {
    return (await this.#gate?.(keyId)) ?? false;
  }

  async sealSecret(scope: Scope, plain: string): Promise<string> {
    const keyId = await this.keyFor(scope, 'secrets');
    return Buffer.from(await this.wrap(keyId, Buffer.from(plain, 'utf8'))).toString('base64');
  }

  /** Makes no key: what was sealed has one, and a text that anyone may send leaves no rows. */
  async openSecret(scope: Scope, sealed: string): Promise<string> {
    const keyId = `${accountKeyId(scope)}/secrets`;
    return (await this.unwrap(keyId, Buffer.from(sealed, 'base64'))).toString('utf8');
  }

  #key(id: string): Promise<Uint8Array> {
    if (id === ROOT) return Promise.resolve(this.#root);
    return this.#remembered(id, async () => {
      const row = await this.#rows.load(id);
      if (!row) throw new KeyUnavailable(id, 'there is no such key in the records.');
      return this.#open(id, row);
    });
  }

  async #loadOrMake(id: string, parent: string): Promise<Uint8Array> {
    const found = await this.#rows.load(id);
    if (found) return this.#open(id, found);
    const above = parent === ROOT ? this.#root : await this.#accountKey(parent);
    const wrapped = wrapBytes(above, bindingOf(id, parent), this.#random.bytes(KEY_SIZE), this.#random);
    // Another server may have made it in the meantime: the first one saved counts.
    return this.#open(id, await this.#rows.save(id, { wrapped, parent }));
  }

  #accountKey(id: string): Promise<Uint8Array> {
    return this.#remembered(id, () => this.#loadOrMake(id, ROOT));
  }

  async #open(
    id: string,
    row: { readonly wrapped: Uint8Array; readonly parent: string },
  ): Promise<Uint8Array> {
    const key = unwrapBytes(await this.#key(row.parent), bindingOf(id, row.parent), row.wrapped);
    if (key) return key;
    const reason =
      row.parent === ROOT
        ? 'the root key that this server was started with is not the one that wrapped it. ' +
          'Give back the original root key (HELICASE_ROOT_KEY or the root key file of the data directory).'
        : `${row.parent} did not wrap it, or its record was altered.`;
    throw new KeyUnavailable(id, reason);
  }

  #remembered(id: string, find: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#keys.get(id);
    if (known) return known;
    const found = find();
    this.#keys.set(id, found);
    found.catch(() => this.#keys.delete(id));
    return found;
  }
}

function accountKeyId(scope: Scope): string {
  return `${scope.account}/${scope.region}`;
}

/** What a wrapped key is bound to: its own name (scope and purpose) and the key above it. */
function bindingOf(id: string, parent: string): string {
  return `helicase key ${id} under ${parent}`;
}
