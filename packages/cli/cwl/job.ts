import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSource, type Value, type ValueObject } from '@helicase/cwl';
import { localPath } from '../local/given-files.ts';

/** What is run: the process's file, perhaps with `#name`, and its job. */
export interface Order {
  readonly tool: string;
  readonly job: ValueObject;
}

/** TOOL and JOB of the command line; a job alone names its process as `cwl:tool`. */
export async function readOrder(tool: string, job: string | undefined): Promise<Order> {
  if (job !== undefined) return { tool: localPath(tool), job: await readJob(localPath(job)) };
  const file = localPath(tool);
  const named = await processOf(file);
  if (named === undefined) return { tool: file, job: {} };
  return { tool: resolve(dirname(file), named), job: await readJob(file) };
}

async function processOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.includes('cwl:tool')) return undefined;
  const named = (parseSource(path, text) as ValueObject | null)?.['cwl:tool'];
  return typeof named === 'string' ? named : undefined;
}

async function readJob(path: string): Promise<ValueObject> {
  const job = parseSource(path, await readFile(path, 'utf8'));
  return absolute(job ?? {}, dirname(path)) as ValueObject;
}

/** Files of a job are named relative to it: `location` is a URI, `path` a path. */
function absolute(value: Value, folder: string): Value {
  if (Array.isArray(value)) return value.map((item) => absolute(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  const changed = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, absolute(item, folder)]),
  );
  if (changed['class'] !== 'File' && changed['class'] !== 'Directory') return changed;
  const { location, path, ...rest } = changed;
  if (typeof location === 'string') return { ...rest, location: fileUri(location, folder) };
  return typeof path === 'string'
    ? { ...rest, location: pathToFileURL(resolve(folder, path)).href }
    : changed;
}

function fileUri(location: string, folder: string): string {
  const isUri = /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
  return isUri ? location : pathToFileURL(resolve(folder, decodeURIComponent(location))).href;
}
