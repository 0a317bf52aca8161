import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  checksumOf,
  cwlEngine,
  decimal,
  parseSource,
  UnsupportedError,
  type Value,
  type ValueObject,
} from '@helicase/cwl';
import { type Log, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import {
  createLocalHost,
  createSandboxBackend,
  type ControlGroups,
  ControlGroupsUnavailable,
  detectControlGroups,
  EngineFailureError,
  hostCapacity,
  type LanguageResult,
  type TaskHost,
} from '@helicase/runtime';

export interface CwlRunFlags {
  readonly outdir: string;
  readonly quiet: boolean;
}

/** "33 for an unsupported requirement", by the contract of the conformance runner. */
const UNSUPPORTED = 33;

/** `helicase cwl run TOOL [JOB]`: the output object on standard output, what went wrong on standard error. */
export async function cwlRun(tool: string, job: string | undefined, flags: CwlRunFlags): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'helicase-cwl-'));
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const result = await cwlEngine.run({
      definition: '/',
      main: absoluteTool(tool).slice(1),
      parameters: job === undefined ? {} : await readJob(resolve(job)),
      host: localHost(directory, terminalLog(flags.quiet)),
      runDirectory: directory,
      signal: stop.signal,
    });
    console.log(JSON.stringify(await deliver(result, resolve(flags.outdir)), plainNumbers, 4));
    return 0;
  } catch (error) {
    return complain(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Large numbers in decimal, as the documents have them: some readers tell 1e+42 from its integer. */
function plainNumbers(_name: string, value: unknown): unknown {
  const json = JSON as typeof JSON & { rawJSON(text: string): unknown };
  return typeof value === 'number' && /e/.test(String(value)) ? json.rawJSON(decimal(value)) : value;
}

function absoluteTool(tool: string): string {
  return tool.startsWith('file://') ? tool.slice(7) : resolve(tool);
}

function complain(error: unknown): number {
  const failure = error instanceof EngineFailureError ? error.failure : undefined;
  console.error(`helicase cwl: ${error instanceof Error ? error.message : String(error)}`);
  if (failure?.logTail) console.error(failure.logTail);
  return error instanceof Error && error.cause instanceof UnsupportedError ? UNSUPPORTED : 1;
}

/** Tasks run in the sandbox with the host's own tools, whatever image they name. */
function localHost(directory: string, log: Log): TaskHost {
  const capacity = hostCapacity();
  const owner = `helicase-cwl-${process.pid}`;
  const sandbox = createSandboxBackend({
    ...{ clock: systemClock, log, directory: join(directory, 'sandbox') },
    groups: once(() => controlGroups(owner, log)),
  });
  const host = createLocalHost({
    ...{ backends: [sandbox], clock: systemClock, random: systemRandom, log, directory, capacity },
  });
  const warned = new Set<string>();
  return {
    ...host,
    run: ({ image, ...request }, signal) => {
      if (image !== undefined && !warned.has(image)) {
        warned.add(image);
        log.warn(
          {},
          `the image ${image} is not used: the tool runs in the sandbox with this machine's programs`,
        );
      }
      const cpus = Math.min(request.resources.cpus, capacity.cpus);
      const memoryBytes = Math.min(request.resources.memoryBytes, capacity.memoryBytes);
      return host.run({ ...request, resources: { ...request.resources, cpus, memoryBytes } }, signal);
    },
  };
}

function controlGroups(owner: string, log: Log): ControlGroups | 'unlimited' {
  try {
    return detectControlGroups({ owner });
  } catch (error) {
    if (!(error instanceof ControlGroupsUnavailable)) throw error;
    log.warn({}, `tools run without limits: ${error.message}`);
    return 'unlimited';
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function terminalLog(quiet: boolean): Log {
  if (quiet) return silentLog;
  const say = (level: string) => (_facts: unknown, message: string) => console.error(`${level}: ${message}`);
  return { ...silentLog, warn: say('warning'), error: say('error') };
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
  if (typeof location === 'string') {
    return {
      ...rest,
      location: /^[a-z][a-z0-9+.-]*:\/\//i.test(location)
        ? location
        : pathToFileURL(resolve(folder, decodeURIComponent(location))).href,
    };
  }
  return typeof path === 'string'
    ? { ...rest, location: pathToFileURL(resolve(folder, path)).href }
    : changed;
}

/** Copies the output files to the folder, names that meet numbered, and answers the outputs with their places. */
async function deliver({ files, outputs }: LanguageResult, outdir: string): Promise<unknown> {
  await mkdir(outdir, { recursive: true });
  const folders = new Map<string, string>();
  const taken = new Set<string>();
  const places = new Map<string, string>();
  for (const { key, path } of files) {
    // Secondary files stay beside their primary file: all of one folder go to the same one.
    const from = dirname(key);
    const folder =
      folders.get(from) ??
      freeFolder(
        files.filter((one) => dirname(one.key) === from).map((one) => basename(one.key)),
        taken,
      );
    folders.set(from, folder);
    const place = join(outdir, folder, basename(key));
    taken.add(join(folder, basename(key)));
    await mkdir(dirname(place), { recursive: true });
    await cp(path, place, { recursive: true, dereference: true });
    places.set(key, place);
  }
  return located(outputs, places);
}

/** The output folder itself where none of the names is taken, else a numbered one in it. */
function freeFolder(names: readonly string[], taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? '' : `${number}`;
    if (names.every((name) => !taken.has(join(folder, name)) && !taken.has(join(folder, name, ''))))
      return folder;
  }
}

async function located(value: unknown, places: ReadonlyMap<string, string>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => located(item, places)));
  if (typeof value !== 'object' || value === null) return value;
  const members: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) members[name] = await located(item, places);
  const place = places.get(String(members['location']));
  if (place === undefined) return members;
  const where = { location: pathToFileURL(place).href, path: place };
  if (members['class'] === 'File') return { ...members, ...where };
  return { ...members, ...where, listing: await listing(place) };
}

async function listing(folder: string): Promise<unknown[]> {
  const entries: unknown[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const facts = await stat(path);
    const where = { location: pathToFileURL(path).href, path, basename: name };
    if (facts.isDirectory()) entries.push({ class: 'Directory', ...where, listing: await listing(path) });
    else entries.push({ class: 'File', ...where, size: facts.size, checksum: await checksumOf(path) });
  }
  return entries;
}
