import { existsSync, readFileSync } from 'node:fs';
import { dataDirectory, type DataDirectory, writePrivately } from './data-directory.ts';

/** The root access key made at first start, kept readable by the owner only. */
export interface StoredCredentials {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** What a running server says of itself. */
export interface Endpoint {
  readonly processId: number;
  readonly urls: readonly string[];
}

export function writeCredentials(directory: DataDirectory, credentials: StoredCredentials): void {
  writePrivately(directory.credentials, `${JSON.stringify(credentials, null, 2)}\n`);
}

/** Undefined where no server has started on this folder yet. */
export function readCredentials(data: string): StoredCredentials | undefined {
  return readJson<StoredCredentials>(dataDirectory(data).credentials);
}

export function writeEndpoint(directory: DataDirectory, endpoint: Endpoint): void {
  writePrivately(directory.endpoint, `${JSON.stringify(endpoint)}\n`);
}

/** What the last server on this folder said; it may be gone. */
export function readEndpoint(data: string): Endpoint | undefined {
  return readJson<Endpoint>(dataDirectory(data).endpoint);
}

function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
