import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Objects } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import { type OutputFile, type PathGuard, PathRefused } from '@helicase/runtime';
import { isOwnedBy } from '../workflow/bucket-owner.ts';
import type { RunDoc } from './model.ts';
import { RunFailure, TransientFailure } from './run-failure.ts';
import { place } from './run-inputs.ts';

export interface OutputsOptions {
  readonly actor: Actor;
  readonly objects: Objects;
  /** The run's private folder. */
  readonly runDirectory: string;
  /** Outputs must lie in the run, or be inputs passed through. */
  readonly guard: PathGuard;
  /** `s3://bucket/prefix/run-id` */
  readonly runOutputUri: string;
  /** No further upload begins once it is aborted. */
  readonly signal: AbortSignal;
}

const UPLOADS_AT_ONCE = 4;

/**
 * Uploads the run's output files below runOutputUri, and `logs/outputs.json` that names them. Done once more after a
 * crash, it writes the same objects again: the originals stay until the run has ended.
 */
export async function publishOutputs(
  options: OutputsOptions,
  outputs: Readonly<Record<string, unknown>>,
  files: readonly OutputFile[],
): Promise<void> {
  try {
    const uris = await uploadAll(options, files);
    const json = Buffer.from(JSON.stringify(withUris(outputs, uris), undefined, 2));
    const { actor, objects, runOutputUri } = options;
    await objects.put(actor, `${runOutputUri}/logs/outputs.json`, json, 'application/json');
  } catch (error) {
    if (error instanceof RunFailure || options.signal.aborted) throw error;
    if (!(error instanceof ServiceError) || error.status >= 500) throw transientExport(error as Error);
    const message = `The export failed: ${error.message} Check that the output bucket exists and the run role has write permission to the bucket.`;
    throw new RunFailure('EXPORT_FAILED', message, { cause: error });
  }
}

/** Before anything is computed for a bucket that is another's than was thought. */
export async function requireOutputOwner(
  { actor, objects }: Pick<OutputsOptions, 'actor' | 'objects'>,
  { outputBucketOwnerId: account, outputUri }: RunDoc,
): Promise<void> {
  if (account === undefined || (await isOwnedBy(objects, actor, outputUri, account))) return;
  const message = `The bucket of ${outputUri} does not belong to the expected account ${account}.`;
  throw new RunFailure('EXPORT_FAILED', message);
}

function transientExport(error: Error): TransientFailure {
  const message =
    `The workflow run didn't finish because of a transient error while exporting the run output: ${error.message} ` +
    'Try the workflow run again.';
  return new TransientFailure('EXPORT_FAILED', message, { cause: error });
}

/** What is uploaded, by its path and by its key: languages name outputs by either. */
async function uploadAll(
  options: OutputsOptions,
  files: readonly OutputFile[],
): Promise<ReadonlyMap<string, string>> {
  const links = join(options.runDirectory, 'export');
  await rm(links, { recursive: true, force: true });
  await mkdir(links);
  const uris = new Map<string, string>();
  for (const { key, path } of files) {
    const uri = `${options.runOutputUri}/${requireRelative(key)}`;
    uris.set(path, uri).set(key, uri);
  }
  const waiting = (await Promise.all(files.map((file) => plainFiles(options, file)))).flat().entries();
  const worker = async () => {
    for (const [index, file] of waiting) await upload(options, file, join(links, String(index)));
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, worker));
  return uris;
}

/** The files of an output folder one by one, an output file alone. Links are followed only within the run, and in no circle. */
async function plainFiles(
  options: OutputsOptions,
  file: OutputFile,
  above: readonly string[] = [],
): Promise<readonly OutputFile[]> {
  const path = await insideRun(options, file);
  if (!(await stat(path)).isDirectory()) return [{ path, key: file.key }];
  if (above.includes(path)) return [];
  const names = await readdir(path);
  const inner = names.map((name) =>
    plainFiles(options, { path: join(path, name), key: `${file.key}/${name}` }, [...above, path]),
  );
  return (await Promise.all(inner)).flat();
}

/** The store may take the file for its own, so it is given another name of it. */
async function upload(options: OutputsOptions, { key, path }: OutputFile, temporary: string): Promise<void> {
  options.signal.throwIfAborted();
  await place(path, temporary);
  await options.objects.putFile(options.actor, `${options.runOutputUri}/${key}`, temporary);
}

function requireRelative(key: string): string {
  if (key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')) return key;
  throw new RunFailure('EXPORT_FAILED', `The output key "${key}" has an empty or dotted part.`);
}

/** Only what lies in the run, or was given to it, is published: tasks can leave links to anywhere. */
async function insideRun({ guard }: OutputsOptions, { key, path }: OutputFile): Promise<string> {
  try {
    return await guard.check(path);
  } catch (error) {
    if (!(error instanceof PathRefused)) throw error;
    throw new RunFailure('EXPORT_FAILED', `The output ${key} cannot be exported: ${error.message}`, {
      cause: error,
    });
  }
}

/** The outputs with every published path replaced by its URI. */
function withUris(value: unknown, uris: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return uris.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => withUris(item, uris));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withUris(item, uris)]));
}
