import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ObjectFacts, type Objects, parseS3Uri } from '@helicase/blobs';
import { type Actor, type Roles, rolePrincipal, rootPrincipal, ServiceError } from '@helicase/kernel';
import type { RunLogs } from './ports.ts';

/** Objects in a folder, one file each: the port's rules without the S3 protocol, for the room's tests. */
export class FolderObjects implements Objects {
  readonly #folder: string;
  /** Of files as they were: real buckets know an object's tag without reading it. */
  readonly #etags = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Buckets must exist, as real ones. */
  async makeBucket(name: string): Promise<void> {
    await mkdir(join(this.#folder, name), { recursive: true });
  }

  ownerOf({ scope }: Actor): Promise<string> {
    return Promise.resolve(scope.account);
  }

  async head(_actor: Actor, uri: string): Promise<ObjectFacts> {
    const path = this.#path(uri);
    const facts = await stat(path).catch(() => undefined);
    if (!facts?.isFile())
      throw new ServiceError('noSuchKey', 'NoSuchKey', 404, `There is no object at ${uri}.`);
    const state = `${path} ${facts.ino} ${facts.size} ${facts.ctimeMs}`;
    const etag = this.#etags.get(state) ?? (await md5(path));
    // A file that has just changed may change once more within the clock's tick.
    if (Date.now() - facts.ctimeMs > 1_000) this.#etags.set(state, etag);
    return { uri, size: facts.size, etag, modifiedAt: facts.mtimeMs };
  }

  async open(actor: Actor, uri: string): Promise<ObjectFacts & { readonly body: Readable }> {
    return { ...(await this.head(actor, uri)), body: createReadStream(this.#path(uri)) };
  }

  async put(actor: Actor, uri: string, body: Readable | Uint8Array): Promise<ObjectFacts> {
    const path = await this.#newPath(uri);
    await writeFile(path, body instanceof Readable ? await buffer(body) : body);
    return this.head(actor, uri);
  }

  async putFile(actor: Actor, uri: string, path: string): Promise<ObjectFacts> {
    await copyFile(path, await this.#newPath(uri));
    await rm(path);
    return this.head(actor, uri);
  }

  async *list(actor: Actor, prefix: string): AsyncIterable<ObjectFacts> {
    const { bucket } = parseS3Uri(prefix)!;
    const root = join(this.#folder, bucket);
    if (!(await stat(root).catch(() => undefined))) {
      throw new ServiceError('noSuchBucket', 'NoSuchBucket', 404, `The bucket of ${prefix} does not exist.`);
    }
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const uri = `s3://${bucket}/${relative(root, join(entry.parentPath, entry.name))}`;
      if (uri.startsWith(prefix)) yield this.head(actor, uri);
    }
  }

  async remove(_actor: Actor, uri: string): Promise<void> {
    await rm(this.#path(uri), { force: true });
  }

  async materialize(actor: Actor, uri: string) {
    return { ...(await this.head(actor, uri)), path: this.#path(uri), release: async () => {} };
  }

  #path(uri: string): string {
    const { bucket, key } = parseS3Uri(uri)!;
    return join(this.#folder, bucket, key);
  }

  async #newPath(uri: string): Promise<string> {
    const { bucket } = parseS3Uri(uri)!;
    if (!(await stat(join(this.#folder, bucket)).catch(() => undefined))) {
      throw new ServiceError('noSuchBucket', 'NoSuchBucket', 404, `The bucket of ${uri} does not exist.`);
    }
    const path = this.#path(uri);
    await mkdir(dirname(path), { recursive: true });
    return path;
  }
}

async function md5(path: string): Promise<string> {
  return createHash('md5')
    .update(await readFile(path))
    .digest('hex');
}

/** Streams in memory, in order. */
export class MemoryLogs implements RunLogs {
  readonly streams = new Map<string, string[]>();

  async append(
    _actor: Actor,
    _group: string,
    stream: string,
    events: readonly { readonly message: string }[],
  ) {
    const lines = this.streams.get(stream) ?? [];
    lines.push(...events.map(({ message }) => message));
    this.streams.set(stream, lines);
  }

  async flush(): Promise<void> {}
}

export const ACCOUNT = '111122223333';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/OmicsRole`;

export const oneRole: Roles = {
  async assume(scope, roleArn) {
    if (roleArn === ROLE) return { scope, principal: rolePrincipal(roleArn, 'AROATEST') };
    throw new ServiceError('noRole', 'ValidationException', 400, `The role ${roleArn} does not exist.`);
  },
};

export const owner = { scope: { account: ACCOUNT, region: 'us-east-1' }, principal: rootPrincipal(ACCOUNT) };

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'helicase-workflows-'));
}
