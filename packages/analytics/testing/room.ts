import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import {
  type BlobStore,
  createVault,
  type ObjectFacts,
  type Objects,
  openFolderStore,
  openKeyRing,
  parseS3Uri,
  type Vault,
} from '@helicase/blobs';
import {
  type Actor,
  type Clock,
  defineErrors,
  Ids,
  type Principal,
  rolePrincipal,
  type Roles,
  rootPrincipal,
  type SharedResources,
  type Scope,
  silentLog,
  systemClock,
  systemRandom,
} from '@helicase/kernel';
import { openTestRecords, type Records, type TestRecords } from '@helicase/records';
import { type AnyOperation, createPageTokens, type OperationContext } from '@helicase/wire';
import { type Analytics, createAnalytics } from '../analytics.ts';
import type { ReferenceContig, ReferenceContigs } from '../ports.ts';
import type { EngineLimits } from '../sql/engine.ts';

export const SHARED = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
export const SCOPE: Scope = { account: '111122223333', region: 'us-east-1' };
export const ROLE = 'arn:aws:iam::111122223333:role/importer';
export const REFERENCE = 'arn:aws:omics:us-east-1:111122223333:referenceStore/1/reference/2';

const errors = defineErrors({
  noKey: { code: 'NoSuchKey', status: 404, message: 'The object {uri} does not exist.', remedy: '' },
});

/** Objects of a folder, for this room's tests alone: the buckets' room stands on the same floor. */
class FolderObjects implements Objects {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(uri: string): string {
    const { bucket, key } = parseS3Uri(uri)!;
    return join(this.#folder, bucket, key);
  }

  ownerOf({ scope }: Actor): Promise<string> {
    return Promise.resolve(scope.account);
  }

  async head(_actor: Actor, uri: string): Promise<ObjectFacts> {
    const found = await stat(this.path(uri)).catch(() => undefined);
    if (!found?.isFile()) throw errors.noKey({ uri });
    return { uri, size: found.size, etag: String(found.mtimeMs), modifiedAt: found.mtimeMs };
  }

  async open(actor: Actor, uri: string, range?: { readonly start: number; readonly end: number }) {
    return { ...(await this.head(actor, uri)), body: createReadStream(this.path(uri), range) };
  }

  async put(actor: Actor, uri: string, body: Uint8Array | NodeJS.ReadableStream) {
    await mkdir(dirname(this.path(uri)), { recursive: true });
    await writeFile(this.path(uri), body instanceof Uint8Array ? body : await buffer(body));
    return this.head(actor, uri);
  }

  async putFile(actor: Actor, uri: string, path: string) {
    await mkdir(dirname(this.path(uri)), { recursive: true });
    await copyFile(path, this.path(uri));
    return this.head(actor, uri);
  }

  async *list(actor: Actor, prefix: string) {
    const names = await readdir(dirname(this.path(prefix)));
    for (const name of names) yield await this.head(actor, `${dirname(prefix)}/${name}`);
  }

  async remove(_actor: Actor, uri: string) {
    await rm(this.path(uri), { force: true });
  }

  async materialize(actor: Actor, uri: string) {
    return { ...(await this.head(actor, uri)), path: this.path(uri), release: async () => {} };
  }
}

const roles: Roles = {
  assume: async (scope, roleArn) => ({ scope, principal: rolePrincipal(roleArn, 'AROATEST') }),
};

export interface TestAnalyticsOptions {
  /** An existing directory (SQLite): a restart. A new one otherwise. */
  readonly directory?: string;
  readonly dialect?: 'sqlite' | 'postgres';
  readonly contigs?: readonly ReferenceContig[];
  readonly materialize?: ReferenceContigs['materialize'];
  readonly queryLimits?: Partial<EngineLimits>;
  readonly shares?: SharedResources;
  /** The room's; its records have the system's. */
  readonly clock?: Clock;
}

function testVault(records: Records, store: BlobStore, scratch: string): Vault {
  const ids = new Ids(systemClock, systemRandom);
  // The same root key each time, so that a directory can be opened again.
  const keyring = openKeyRing({ rows: records.keys, root: Buffer.alloc(32, 7), random: systemRandom });
  return createVault({ store, ledger: records.blobs, keyring, ids, scratch, log: silentLog });
}

function testRoom(
  options: TestAnalyticsOptions,
  records: Records,
  vault: Vault,
  objects: Objects,
): Analytics {
  const { contigs = [], materialize, queryLimits, shares, clock = systemClock } = options;
  return createAnalytics({
    records,
    vault,
    objects,
    roles,
    references: {
      find: async (_actor, arn) => (arn === REFERENCE ? { contigs } : undefined),
      ...(materialize ? { materialize } : {}),
    },
    pageTokens: createPageTokens(Buffer.alloc(32, 8)),
    clock,
    ids: new Ids(systemClock, systemRandom),
    log: silentLog,
    ...(queryLimits ? { queryLimits } : {}),
    ...(shares ? { shares } : {}),
  });
}

interface Parts {
  readonly test: TestRecords;
  readonly store: BlobStore;
  readonly vault: Vault;
  readonly analytics: Analytics;
  readonly objects: FolderObjects;
  readonly directory: string;
}

/** The room on real records and a real vault. */
export class TestAnalytics {
  readonly analytics: Analytics;
  readonly objects: FolderObjects;
  readonly records: Records;
  readonly vault: Vault;
  readonly store: BlobStore;
  readonly directory: string;
  readonly #test: TestRecords;

  private constructor({ test, store, vault, analytics, objects, directory }: Parts) {
    this.#test = test;
    this.records = test.records;
    this.vault = vault;
    this.store = store;
    this.analytics = analytics;
    this.objects = objects;
    this.directory = directory;
  }

  static async open(options: TestAnalyticsOptions = {}): Promise<TestAnalytics> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'helicase-analytics-')));
    await mkdir(directory, { recursive: true });
    const store = await openFolderStore({ directory: join(directory, 'store') });
    const objects = new FolderObjects(join(directory, 'buckets'));
    const made: { vault?: Vault; analytics?: Analytics } = {};
    const test = await openTestRecords({
      dialect: options.dialect ?? 'sqlite',
      ...(options.directory ? { database: { kind: 'sqlite', file: join(directory, 'records.sqlite') } } : {}),
      declare: (records) => {
        made.vault = testVault(records, store, join(directory, 'scratch'));
        made.analytics = testRoom(options, records, made.vault, objects);
      },
    });
    await made.vault!.cleanScratch();
    test.records.jobs.start();
    return new TestAnalytics({
      test,
      store,
      vault: made.vault!,
      analytics: made.analytics!,
      objects,
      directory,
    });
  }

  /** Calls a handler as the account's root; `scope` for another world. */
  async call<T>(
    name: string,
    input: object,
    scope: Scope = SCOPE,
    principal: Principal = rootPrincipal(scope.account),
  ): Promise<T> {
    const { operations, athena, glue, lakeFormation } = this.analytics;
    // Athena and Glue both have a GetDatabase: Glue's are called as `glue:GetDatabase`.
    const services = { glue, lakeformation: lakeFormation };
    const [service, own] = name.includes(':')
      ? (name.split(':') as [keyof typeof services, string])
      : [undefined, name];
    const all: readonly AnyOperation[] = service
      ? services[service].operations
      : [...operations, ...athena.operations];
    const operation = all.find((entry) => entry.name === own);
    if (!operation?.handler) throw new Error(`${name} has no handler`);
    const context: OperationContext = {
      scope,
      principal,
      requestId: 'test',
      signal: new AbortController().signal,
    };
    return (await operation.handler(input as never, context)) as T;
  }

  /** Calls until the answer is so. */
  async until<T>(
    name: string,
    input: object,
    isSo: (answer: T) => boolean,
    scope: Scope = SCOPE,
  ): Promise<T> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answer = await this.call<T>(name, input, scope);
      if (isSo(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`${name} did not come to it: ${JSON.stringify(answer)}`);
      await systemClock.sleep(10);
    }
  }

  /** Stops, and leaves the directory for another `open`. */
  async closeKeeping(): Promise<void> {
    await this.records.jobs.stop();
    await this.analytics.close();
    await this.#test.close();
  }

  async close(): Promise<void> {
    await this.closeKeeping();
    await rm(this.directory, { recursive: true, force: true });
  }
}
