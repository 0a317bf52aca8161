import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { type ObjectFacts, type Objects, openTestVault, parseS3Uri, type TestVault } from '@helicase/blobs';
import {
  type Actor,
  defineErrors,
  Ids,
  rolePrincipal,
  type Roles,
  rootPrincipal,
  type Scope,
  silentLog,
  systemClock,
  systemRandom,
} from '@helicase/kernel';
import { openTestRecords, type Records, type TestRecords } from '@helicase/records';
import { type AnyOperation, createPageTokens, type OperationContext } from '@helicase/wire';
import { type Analytics, createAnalytics } from './analytics.ts';
import type { ReferenceContig, ReferenceContigs } from './ports.ts';
import type { EngineLimits } from './sql/engine.ts';

export const SHARED = fileURLToPath(new URL('../../../shared/data', import.meta.url));
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
  readonly dialect?: 'sqlite' | 'postgres';
  readonly contigs?: readonly ReferenceContig[];
  readonly materialize?: ReferenceContigs['materialize'];
  readonly queryLimits?: Partial<EngineLimits>;
}

/** The room on real records and a real vault. */
export class TestAnalytics {
  readonly analytics: Analytics;
  readonly objects: FolderObjects;
  readonly records: Records;
  readonly vault: TestVault;
  readonly #test: TestRecords;

  private constructor(test: TestRecords, vault: TestVault, analytics: Analytics, objects: FolderObjects) {
    this.#test = test;
    this.records = test.records;
    this.vault = vault;
    this.analytics = analytics;
    this.objects = objects;
  }

  static async open(options: TestAnalyticsOptions = {}): Promise<TestAnalytics> {
    const made: { vault?: TestVault; analytics?: Analytics; objects?: FolderObjects } = {};
    const lateVault = { records: undefined as Records | undefined };
    const vault = await openTestVault({
      ledger: {
        begin: (scope, id) => lateVault.records!.blobs.begin(scope, id),
        forget: (id) => lateVault.records!.blobs.forget(id),
        garbage: (limit) => lateVault.records!.blobs.garbage(limit),
      },
    });
    const test = await openTestRecords({
      dialect: options.dialect ?? 'sqlite',
      declare: (records) => {
        lateVault.records = records;
        made.objects = new FolderObjects(join(vault.directory, 'buckets'));
        made.analytics = createAnalytics({
          records,
          vault: vault.vault,
          objects: made.objects,
          roles,
          references: {
            find: async (_actor, arn) => (arn === REFERENCE ? { contigs: options.contigs ?? [] } : undefined),
            ...(options.materialize ? { materialize: options.materialize } : {}),
          },
          pageTokens: createPageTokens(systemRandom.bytes(32)),
          clock: systemClock,
          ids: new Ids(systemClock, systemRandom),
          log: silentLog,
          ...(options.queryLimits ? { queryLimits: options.queryLimits } : {}),
        });
      },
    });
    test.records.jobs.start();
    return new TestAnalytics(test, vault, made.analytics!, made.objects!);
  }

  /** Calls a handler as the account's root; `scope` for another world. */
  async call<T>(name: string, input: object, scope: Scope = SCOPE): Promise<T> {
    const all: readonly AnyOperation[] = [...this.analytics.operations, ...this.analytics.athena.operations];
    const operation = all.find((entry) => entry.name === name);
    if (!operation?.handler) throw new Error(`${name} has no handler`);
    const context: OperationContext = {
      scope,
      principal: rootPrincipal(scope.account),
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

  async close(): Promise<void> {
    await this.records.jobs.stop();
    await this.analytics.close();
    await this.#test.close();
    await this.vault.close();
  }
}
