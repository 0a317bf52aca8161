import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { type Log, runCommand } from '@helicase/kernel';

const SOURCES = fileURLToPath(new URL('./native/', import.meta.url));
const FLAGS = ['-std=gnu11', '-O2', '-o'];
const LIBRARIES = ['-lhts', '-lz', '-lpthread'];

export interface NativeBuildOptions {
  /** Folder that keeps built programs; made where it is missing. May be shared and may be lost. */
  readonly cache: string;
  readonly log: Log;
  /** `cc` unless told. */
  readonly compiler?: string;
}

/**
 * The path of the compiled one-pass reader (native/), built with `cc` on first use and kept under the sources' hash;
 * undefined where it cannot be built (no compiler, no htslib headers): the pipeline serves then, more slowly.
 */
export async function buildReadPass(options: NativeBuildOptions): Promise<string | undefined> {
  const sources = (await readdir(SOURCES)).filter((name) => /\.[ch]$/.test(name)).sort();
  const program = join(options.cache, `read-pass-${await fingerprint(sources)}`);
  if (await isExecutable(program)) return program;
  const failure = await compile(options.compiler ?? 'cc', sources, options.cache, program);
  if (failure === undefined) return program;
  options.log.warn(
    { failure },
    'The one-pass reader could not be compiled, imports run more slowly through samtools. Install gcc, libc6-dev, libhts-dev and zlib1g-dev to mend it.',
  );
  return undefined;
}

async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.arch} ${process.platform} ${FLAGS.join(' ')}`);
  for (const name of sources) hash.update(name).update(await readFile(join(SOURCES, name)));
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
  compiler: string,
  sources: readonly string[],
  cache: string,
  program: string,
): Promise<string | undefined> {
  const unfinished = `${program}.${randomUUID()}`;
  const files = sources.filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name));
  try {
    await mkdir(cache, { recursive: true });
    const result = await runCommand(compiler, [...FLAGS, unfinished, ...files, ...LIBRARIES], {
      timeout: 120_000,
    });
    if (result.code !== 0) return result.stderr.trim().slice(0, 2000);
    await rename(unfinished, program);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(unfinished, { force: true });
  }
}
