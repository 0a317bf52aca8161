import { copyFile, link, mkdir, mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Materialized, type Objects, parseS3Uri } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import type { PathGuard } from '@helicase/runtime';
import type { OmicsFiles } from '../ports.ts';
import type { InputUri } from './input-uris.ts';
import { RunFailure, TransientFailure } from './run-failure.ts';

export interface UriFacts {
  readonly size: number;
  readonly isDirectory: boolean;
  readonly etag?: string;
  /** Where the URI's last part is not the file's name. */
  readonly name?: string;
}

export interface RunInputsOptions {
  readonly actor: Actor;
  readonly objects: Objects;
  readonly omicsFiles: OmicsFiles;
  /** Told of each path that is handed out: tasks and outputs may name it from then on. */
  readonly guard: PathGuard;
  /** Where folders are put together. */
  readonly directory: string;
}

/** What a run's inputs are held against besides being there. */
export interface InputChecks {
  /** Their digests as the run first saw them, where it began before. */
  readonly before?: Readonly<Record<string, string>>;
  /** What the run's storage holds. */
  readonly storageGiB?: number;
}

const GIBIBYTE = 1024 ** 3;
/** HEAD requests under way at once when a run starts. */
const HEADS_AT_ONCE = 16;

/** What a run reads from outside, in its role's name; each URI is fetched once and let go at the run's end. */
export class RunInputs {
  readonly #options: RunInputsOptions;
  readonly #known = new Map<string, Promise<UriFacts>>();
  readonly #local = new Map<string, Promise<string>>();
  readonly #held: Materialized[] = [];
  readonly #paths = new Set<string>();
  readonly #digests = new Map<string, string>();

  constructor(options: RunInputsOptions) {
    this.#options = options;
  }

  /** Every input is there and readable: answers their digests, or throws the RunFailure of the first that is not. */
  async check(
    uris: readonly InputUri[],
    { before = {}, storageGiB = Infinity }: InputChecks = {},
  ): Promise<Readonly<Record<string, string>>> {
    let total = 0;
    const digests: Record<string, string> = {};
    for (let index = 0; index < uris.length; index += HEADS_AT_ONCE) {
      const facts = await Promise.all(
        uris
          .slice(index, index + HEADS_AT_ONCE)
          .map(async (input) => ({ input, ...(await this.#require(input)) })),
      );
      for (const { etag, input, size } of facts) {
        total += size;
        if (etag !== undefined) digests[input.uri] = `etag:${etag}`;
      }
    }
    if (total > storageGiB * GIBIBYTE) throw unsupportedSize(total, storageGiB);
    const changed = Object.keys(before).find((uri) => uri in digests && digests[uri] !== before[uri]);
    if (changed !== undefined) throw modified(changed);
    return digests;
  }

  /** Undefined where there is nothing at the URI. */
  async stat(uri: string): Promise<UriFacts | undefined> {
    try {
      return await this.#facts(uri);
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** A local path of the bytes, read-only; a folder for a URI that ends in `/`. */
  localize(uri: string): Promise<string> {
    let path = this.#local.get(uri);
    if (!path) {
      path = uri.endsWith('/') ? this.#localizeFolder(uri) : this.#localizeFile(uri);
      this.#local.set(uri, path);
      path.catch(() => this.#local.delete(uri));
    }
    return path;
  }

  /** The entity tag of a file that `localize` handed out: its bytes need not be read to know them again. */
  digestOf(path: string): string | undefined {
    return this.#digests.get(path);
  }

  /** Whether a path, or the folder it lies in, was handed out by `localize`. */
  handedOut(path: string): boolean {
    for (let at = path; at !== dirname(at); at = dirname(at)) if (this.#paths.has(at)) return true;
    return false;
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.#local.values());
    await Promise.allSettled(this.#held.splice(0).map((each) => each.release()));
    this.#local.clear();
  }

  async #require({ parameter, uri }: InputUri): Promise<UriFacts> {
    const omics = uri.startsWith('omics://');
    if (!omics && !parseS3Uri(uri)?.key) {
      throw new RunFailure(
        'INVALID_URI_INPUT',
        `Parameter "${parameter}": ${uri} isn't a valid URI of an S3 object.`,
      );
    }
    try {
      return await this.#facts(uri);
    } catch (error) {
      if (error instanceof RunFailure) throw error;
      if (!(error instanceof ServiceError) || error.status >= 500) throw transientImport(uri, error as Error);
      throw inputFailure(`Parameter "${parameter}": `, uri, error);
    }
  }

  /** Asked once a run: what it reads is what it saw at its start. */
  #facts(uri: string): Promise<UriFacts> {
    let facts = this.#known.get(uri);
    if (!facts) {
      facts = this.#ask(uri);
      this.#known.set(uri, facts);
      facts.catch(() => this.#known.delete(uri));
    }
    return facts;
  }

  async #ask(uri: string): Promise<UriFacts> {
    const { actor, objects, omicsFiles } = this.#options;
    if (uri.startsWith('omics://')) {
      const { etag, name, size } = await omicsFiles.head(actor, uri);
      return { size, isDirectory: false, name, ...(etag === undefined ? {} : { etag }) };
    }
    if (!uri.endsWith('/')) {
      const { etag, size } = await objects.head(actor, uri);
      return { size, isDirectory: false, etag };
    }
    for await (const _ of objects.list(actor, uri)) return { size: 0, isDirectory: true };
    throw new ServiceError('emptyFolder', 'NoSuchKey', 404, `no object's key begins with it`);
  }

  async #localizeFile(uri: string): Promise<string> {
    const { actor, objects, omicsFiles } = this.#options;
    const held = uri.startsWith('omics://')
      ? await omicsFiles.materialize(actor, uri)
      : await objects.materialize(actor, uri);
    this.#held.push(held);
    this.#paths.add(held.path);
    const { etag } = await this.#facts(uri);
    if ('etag' in held && held.etag !== etag) throw modified(uri);
    if (etag !== undefined) this.#digests.set(held.path, `etag ${etag}`);
    this.#options.guard.allow(held.path);
    return held.path;
  }

  /** "All contents of the directory will be recursively copied to the workflow." */
  async #localizeFolder(uri: string): Promise<string> {
    const { actor, directory, objects } = this.#options;
    await mkdir(directory, { recursive: true });
    // Never one of an earlier server's: a task that outlived it may be reading there.
    const folder = join(await mkdtemp(join(directory, 'folder-')), uri.split('/').at(-2)!);
    await mkdir(folder);
    for await (const object of objects.list(actor, uri)) {
      const relative = object.uri.slice(uri.length);
      if (relative === '' || relative.endsWith('/')) continue;
      if (relative.split('/').some((part) => part === '' || part === '.' || part === '..')) {
        throw new RunFailure(
          'IMPORT_FAILED',
          `${object.uri} cannot be a file of a folder: its key has an empty or dotted part.`,
        );
      }
      const target = join(folder, relative);
      await mkdir(dirname(target), { recursive: true });
      await place(await this.#localizeFile(object.uri), target);
    }
    return folder;
  }
}

function modified(uri: string): RunFailure {
  return new RunFailure(
    'MODIFIED_INPUT_RESOURCE',
    `The input URI was modified after the run started: ${uri}.`,
  );
}

function unsupportedSize(bytes: number, storageGiB: number): RunFailure {
  const message =
    `The total input size is too high: ${bytes} bytes for a storage capacity of ${storageGiB} GiB. ` +
    'Decrease the input size and try again.';
  return new RunFailure('UNSUPPORTED_INPUT_SIZE', message);
}

function transientImport(uri: string, error: Error): TransientFailure {
  const message =
    `The workflow run didn't finish because of a transient error while importing ${uri}: ${error.message} ` +
    'Try the workflow run again.';
  return new TransientFailure('IMPORT_FAILED', message, { cause: error });
}

/** The guide's reason for an input that cannot be read, with what the bucket or the store says. */
function inputFailure(where: string, uri: string, error: ServiceError): RunFailure {
  const omics = uri.startsWith('omics://');
  if (error.code === 'ValidationException') {
    return new RunFailure(
      'INVALID_URI_INPUT',
      `${where}The URI structure isn't valid: ${uri} (${error.message})`,
    );
  }
  if (omics && error.code === 'ConflictException') {
    const message = `${where}The HealthOmics storage URI is not in ACTIVE state: ${uri}. Activate the read set and try again.`;
    return new RunFailure('INACTIVE_OMICS_STORAGE_RESOURCE', message, { cause: error });
  }
  const reason = omics ? 'INVALID_OMICS_STORAGE_INPUT' : 'INVALID_S3_INPUT';
  const what = omics ? 'The HealthOmics storage URI does not exist' : 'The URI does not exist';
  return new RunFailure(reason, `${where}${what}: ${uri} (${error.message})`, { cause: error });
}

/** A second name for the same bytes where the file system allows it, a copy otherwise. */
export async function place(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target);
  }
}
