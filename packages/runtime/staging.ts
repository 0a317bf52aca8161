import { mkdirSync, writeFileSync } from 'node:fs';
import {
  chmod,
  constants,
  copyFile,
  cp,
  link,
  lstat,
  mkdir,
  realpath,
  rmdir,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Mount } from './backend.ts';
import { errorCode } from './cgroup/files.ts';
import { isAtOrWithin, PathRefused, resolveWithin } from './path-guard.ts';
import type { StagedInput, TaskRequest } from './task.ts';

/** An input with the local path of its bytes; literals have none. */
export interface LocalInput {
  readonly input: StagedInput;
  readonly source?: string;
}

export interface AttemptPaths {
  readonly directory: string;
  readonly work: string;
  readonly temporary: string;
  readonly volumes: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Staged {
  readonly mounts: readonly Mount[];
  /** The host file that the task reads as its standard input. */
  readonly stdin?: string;
  /** Empty files and folders that had to stand in the work directory for inputs mounted there: `removeStands` ends them. */
  readonly stands: readonly string[];
}

/**
 * Above this many read-only files, those of one target folder share one mount of a folder of hard links: the kernel
 * and the sandbox handle some hundred mounts a task well, and thousands badly.
 */
const MOUNTS_BEFORE_LINKING = 64;

/** Characters of a text that is written without a round through the thread pool. */
const SMALL = 16_384;

export function attemptPaths(root: string, runId: string, attemptId: string): AttemptPaths {
  const directory = join(root, runId, attemptId);
  return {
    directory,
    work: join(directory, 'work'),
    temporary: join(directory, 'tmp'),
    volumes: join(directory, 'volumes'),
    stdout: join(directory, 'stdout'),
    stderr: join(directory, 'stderr'),
  };
}

/**
 * Makes the attempt's folders but the temporary one and decides how each input gets into the task's view: mounted read-only where it lies,
 * copied where the task may write to it (a reflink where the file system can), written where it is a literal.
 * `own`: the attempt's folder, where the task has no sandbox and sees it where that is.
 */
export async function stage(
  paths: AttemptPaths,
  request: TaskRequest,
  inputs: readonly LocalInput[],
  own?: string,
): Promise<Staged> {
  mkdirSync(paths.work, { recursive: true }); // at once: three rounds through the thread pool cost a small task more
  const staging = new Staging(paths, request, own);
  const [mounted, placed] = partition(inputs, ({ input }) => input.kind !== 'literal' && !input.writable);
  await staging.makeVolumes();
  for (const [index, local] of placed.entries()) await staging.place(local, index);
  await staging.mountAll(mounted);
  return staging.finish();
}

class Staging {
  readonly #paths: AttemptPaths;
  readonly #request: TaskRequest;
  readonly #own: string | undefined;
  readonly #mounts: Mount[] = [];
  readonly #stands: string[] = [];
  readonly #sources = new Map<string, string>();

  constructor(paths: AttemptPaths, request: TaskRequest, own: string | undefined) {
    this.#paths = paths;
    this.#request = request;
    this.#own = own;
    this.#mounts.push({ source: paths.work, target: request.workDirectory, readOnly: false });
    this.#mounts.push({ source: paths.temporary, target: '/tmp', readOnly: false });
  }

  /** The work directory and /tmp are folders of its own already. */
  async makeVolumes(): Promise<void> {
    const { volumes = [], workDirectory } = this.#request;
    const further = new Set(volumes.filter((path) => path !== workDirectory && path !== '/tmp'));
    for (const [index, target] of [...further].entries()) {
      const source = join(this.#paths.volumes, String(index));
      await mkdir(source, { recursive: true });
      await this.#standIn(target, source);
      this.#mounts.push({ source, target, readOnly: false });
    }
  }

  /** Literals and writable copies: at once where the task sees them if that is a folder of its own, else to be mounted. */
  async place({ input, source }: LocalInput, index: number): Promise<void> {
    const seen = this.#hostPathInWork(input.target) ?? this.#ownPlace(input.target);
    const path = seen ?? join(this.#paths.directory, 'inputs', String(index), basename(input.target));
    if (seen) await this.#clearWay(seen);
    if (!this.#isThere(dirname(path))) await mkdir(dirname(path), { recursive: true });
    if (input.kind === 'literal') await writeLiteral(path, input.content, input.writable ? 0o644 : 0o444);
    else await copyWritable(source!, path);
    this.#sources.set(input.target, path);
    if (!seen) this.#mounts.push({ source: path, target: input.target, readOnly: !input.writable });
  }

  async mountAll(inputs: readonly LocalInput[]): Promise<void> {
    for (const { input, source } of inputs) this.#sources.set(input.target, source!);
    const apart = inputs.length > MOUNTS_BEFORE_LINKING ? await this.#linkTogether(inputs) : inputs;
    for (const { input, source } of apart) {
      await this.#standIn(input.target, source!);
      this.#mounts.push({ source: source!, target: input.target, readOnly: true });
    }
  }

  async finish(): Promise<Staged> {
    const { stdin } = this.#request;
    const source = stdin === undefined ? undefined : await this.#hostPath(stdin);
    return {
      mounts: this.#mounts,
      ...(source === undefined ? {} : { stdin: source }),
      stands: this.#stands,
    };
  }

  /** The host's path of what the task sees at `target`: an input, something in an input folder or in the work directory. */
  async #hostPath(target: string): Promise<string> {
    const input = [...this.#sources].find(([place]) => isAtOrWithin(target, place));
    const inWork = this.#hostPathInWork(target);
    if (input) return await resolveWithin(input[1], join(input[1], target.slice(input[0].length)));
    if (inWork) return await resolveWithin(this.#paths.work, inWork);
    throw new PathRefused(`The task reads its standard input from ${target}, which is none of its inputs.`);
  }

  /** Answers the inputs that have to be mounted one by one after all. */
  async #linkTogether(inputs: readonly LocalInput[]): Promise<LocalInput[]> {
    const apart: LocalInput[] = [];
    for (const [index, [folder, group]] of [...groupByFolder(inputs)].entries()) {
      const links = join(this.#paths.directory, 'links', String(index));
      const linkable =
        group.length > 1 &&
        !this.#isWork(folder) &&
        !this.#mounts.some(({ target }) => isWithin(target, folder));
      const rest = linkable ? await linkAll(group, links) : group;
      if (rest.length < group.length) {
        await this.#standIn(folder, links);
        this.#mounts.push({ source: links, target: folder, readOnly: true });
        await makeStands(links, rest);
      }
      apart.push(...rest);
    }
    return apart;
  }

  /** What the sandbox would have to make on the fly inside the work directory, made here so that it can be removed again. */
  async #standIn(target: string, source: string): Promise<void> {
    const path = this.#hostPathInWork(target);
    if (path === undefined || path === this.#paths.work) return;
    await this.#clearWay(path);
    const parents = await missingParents(path);
    await mkdir(dirname(path), { recursive: true });
    this.#stands.push(...parents);
    if (await exists(path)) return;
    if ((await stat(source)).isDirectory()) await mkdir(path);
    else await writeFile(path, '', { flag: 'wx', mode: 0o444 });
    this.#stands.push(path);
  }

  /** A folder that was copied there may hold links: nothing is written through them. Throws PathRefused. */
  async #clearWay(path: string): Promise<void> {
    // Two inputs never have one target: what the host has just made holds nothing of another's.
    if (path === this.#paths.work || dirname(path) === this.#paths.directory) return;
    let folder = dirname(path);
    while (!(await exists(folder))) folder = dirname(folder);
    await resolveWithin(isWithin(path, this.#paths.work) ? this.#paths.work : this.#paths.directory, folder);
    const there = await lstat(path).catch(() => undefined);
    if (there?.isSymbolicLink()) await unlink(path);
  }

  #isThere(folder: string): boolean {
    return folder === this.#paths.work || folder === this.#paths.directory;
  }

  #ownPlace(target: string): string | undefined {
    return this.#own !== undefined && isWithin(target, this.#own) ? target : undefined;
  }

  #isWork(folder: string): boolean {
    return folder === this.#request.workDirectory || isWithin(this.#request.workDirectory, folder);
  }

  #hostPathInWork(target: string): string | undefined {
    const { workDirectory } = this.#request;
    return isWithin(target, workDirectory)
      ? join(this.#paths.work, target.slice(workDirectory.length))
      : undefined;
  }
}

/** After the task's end: what stood in `work` for mounted inputs goes, where the task left it as it was. */
export async function removeStands(work: string, stands: readonly string[]): Promise<void> {
  if (stands.length === 0) return;
  const real = await realpath(work);
  for (const path of stands.toReversed()) {
    // The task may have put a link in a parent's place; nothing outside of its folder is ours to remove.
    const parent = await realpath(dirname(path)).catch(() => undefined);
    if (parent === join(real, relative(work, dirname(path)))) await removeIfEmpty(path);
  }
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function groupByFolder(inputs: readonly LocalInput[]): Map<string, LocalInput[]> {
  return Map.groupBy(inputs, ({ input }) => dirname(input.target));
}

async function linkAll(inputs: readonly LocalInput[], folder: string): Promise<LocalInput[]> {
  await mkdir(folder, { recursive: true });
  const rest: LocalInput[] = [];
  for (const local of inputs) {
    if (!(await linkOne(local.source!, join(folder, basename(local.input.target))))) rest.push(local);
  }
  return rest;
}

/** False where it cannot be linked: another file system, a folder, somebody else's file. */
async function linkOne(source: string, path: string): Promise<boolean> {
  if (!(await lstat(source)).isFile()) return false;
  try {
    await link(source, path);
    return true;
  } catch (error) {
    if (['EXDEV', 'EPERM', 'EMLINK', 'EACCES'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** A read-only folder of links needs the places at which its unlinkable members are mounted. */
async function makeStands(folder: string, inputs: readonly LocalInput[]): Promise<void> {
  for (const { input, source } of inputs) {
    const path = join(folder, basename(input.target));
    if ((await stat(source!)).isDirectory()) await mkdir(path);
    else await writeFile(path, '');
  }
}

/** Most are commands of a few lines: at once, as the work directory is made. */
async function writeLiteral(path: string, content: string, mode: number): Promise<void> {
  if (content.length < SMALL) writeFileSync(path, content, { mode });
  else await writeFile(path, content, { mode });
}

async function copyWritable(source: string, path: string): Promise<void> {
  if ((await stat(source)).isDirectory()) {
    await cp(source, path, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    return;
  }
  await copyFile(source, path, constants.COPYFILE_FICLONE);
  await chmod(path, 0o644);
}

async function missingParents(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let parent = dirname(path); !(await exists(parent)); parent = dirname(parent)) missing.unshift(parent);
  return missing;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The task may have removed or replaced it: only what is still empty was ours. */
async function removeIfEmpty(path: string): Promise<void> {
  try {
    const facts = await lstat(path);
    if (facts.isDirectory()) await rmdir(path);
    else if (facts.isFile() && facts.size === 0) await unlink(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
