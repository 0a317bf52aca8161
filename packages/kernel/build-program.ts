import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** A program of ours in C. */
export interface ProgramSources {
  readonly name: string;
  /** All its `.c` and `.h` files, and no others. */
  readonly folder: string;
  readonly flags: readonly string[];
  readonly libraries: readonly string[];
}

export interface BuildOptions {
  /** Folder that keeps built programs; made where it is missing. May be shared and may be lost. */
  readonly cache: string;
  /** `cc` unless told. */
  readonly compiler?: string;
}

/** Where it is, or why it could not be built. */
export type BuiltProgram = { readonly path: string } | { readonly failure: string };

/** Compiled on first use and kept under the hash of its sources. */
export async function buildProgram(sources: ProgramSources, options: BuildOptions): Promise<BuiltProgram> {
  const names = (await readdir(sources.folder)).filter((name) => /\.[ch]$/.test(name)).sort();
  const path = join(options.cache, `${sources.name}-${await fingerprint(sources, names)}`);
  if (await isExecutable(path)) return { path };
  const failure = await compile(sources, names, options, path);
  return failure === undefined ? { path } : { failure };
}

async function fingerprint(sources: ProgramSources, names: readonly string[]): Promise<string> {
  const flags = [...sources.flags, ...sources.libraries].join(' ');
  const hash = createHash('sha256').update(`${process.arch} ${process.platform} ${flags}`);
  for (const name of names) hash.update(name).update(await readFile(join(sources.folder, name)));
  return hash.digest('hex').slice(0, 16);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Compiles to a name of its own and renames, so that processes that build at once do not meet. */
async function compile(
  { flags, folder, libraries }: ProgramSources,
  names: readonly string[],
  { cache, compiler = 'cc' }: BuildOptions,
  path: string,
): Promise<string | undefined> {
  const unfinished = `${path}.${randomUUID()}`;
  const files = names.filter((name) => name.endsWith('.c')).map((name) => join(folder, name));
  try {
    await mkdir(cache, { recursive: true });
    const result = await runCommand(compiler, [...flags, '-o', unfinished, ...files, ...libraries], {
      timeout: 120_000,
    });
    if (result.code !== 0) return result.stderr.trim().slice(0, 2000);
    await rename(unfinished, path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(unfinished, { force: true });
  }
}
