import { Readable } from 'node:stream';
import type { Scope } from '@helicase/kernel';
import { errors } from './errors.ts';

/** The OCI registry behind the server: Debian's docker-registry or any other. Whoever can reach it can read all of it. */
export interface UpstreamOptions {
  /** `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** A repository of the registry behind: account and region are parts of its name. */
export function upstreamName({ account, region }: Scope, name: string): string {
  return `${account}/${region}/${name}`;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Below `/v2/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  readonly signal?: AbortSignal;
}

const SECONDS = 1000;
/** Milliseconds. Requests whose bodies are small: manifests and deletions. */
const SHORT = 60 * SECONDS;

/** Its client. Redirections (to an object store, say) are followed here: users reach this server alone. */
export class Upstream {
  readonly #options: UpstreamOptions;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  get host(): string {
    return new URL(this.#options.url).host;
  }

  get isPlain(): boolean {
    return this.#options.url.startsWith('http:');
  }

  /** As skopeo's --authfile has it; undefined where it asks for no password. */
  get authFile(): string | undefined {
    const { password, username } = this.#options;
    if (username === undefined) return undefined;
    return JSON.stringify({ auths: { [this.host]: { auth: base64(`${username}:${password ?? ''}`) } } });
  }

  async ask({ body, headers, method, path, signal }: UpstreamRequest): Promise<Response> {
    const { password, url, username } = this.#options;
    const login =
      username === undefined ? {} : { authorization: `Basic ${base64(`${username}:${password ?? ''}`)}` };
    try {
      return await fetch(new URL(`/v2/${path}`, url), {
        method,
        headers: { 'accept-encoding': 'identity', ...headers, ...login },
        ...(body === undefined ? {} : bodyOf(body)),
        signal: signal ?? AbortSignal.timeout(SHORT),
      });
    } catch (error) {
      const { cause, message } = error as Error;
      throw errors.registryUnavailable({ why: cause instanceof Error ? cause.message : message });
    }
  }

  async manifest(scope: Scope, name: string, digest: string): Promise<string> {
    const path = `${upstreamName(scope, name)}/manifests/${digest}`;
    const answer = await this.ask({ method: 'GET', path, headers: { accept: MANIFESTS } });
    if (!answer.ok) throw errors.registryUnavailable({ why: `GET ${path}: ${answer.status}` });
    return answer.text();
  }

  /** Best effort: a registry may forbid deletion or be away, and nothing points to the bytes any more. */
  async forget(scope: Scope, name: string, digest: string): Promise<void> {
    const path = `${upstreamName(scope, name)}/manifests/${digest}`;
    const answer = await this.ask({ method: 'DELETE', path }).catch(() => undefined);
    await answer?.body?.cancel();
  }
}

/** What a manifest may be, as clients ask for it. */
export const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

function bodyOf(body: Readable | Buffer): RequestInit {
  if (Buffer.isBuffer(body)) return { body: new Uint8Array(body) };
  return { body: Readable.toWeb(body) as ReadableStream, duplex: 'half' } as RequestInit;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
