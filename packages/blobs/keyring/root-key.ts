import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '@helicase/kernel';
import { RootKeyUnusable } from '../errors.ts';
import { ensureDirectory, syncDirectory } from '../folder/durable.ts';

export interface RootKeySource {
  /** Where the key lies when the environment does not give it; made on first start. */
  readonly file: string;
  /** `HELICASE_ROOT_KEY`: 32 bytes in base64. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  /** False where the data directory holds sealed things already: a new key could open none of them. True unless told. */
  readonly mayCreate?: boolean;
}

/** The key above all others. Throws RootKeyUnusable with what to do about it. */
export async function loadRootKey(source: RootKeySource): Promise<Uint8Array> {
  const given = source.environment.HELICASE_ROOT_KEY;
  if (given !== undefined && given !== '') return decoded(given, 'HELICASE_ROOT_KEY');
  const found = await readIfPresent(source.file);
  if (found !== undefined) {
    await refuseReadableByOthers(source.file);
    return decoded(found, source.file);
  }
  if (source.mayCreate === false) {
    throw new RootKeyUnusable(
      `There is no root key: ${source.file} is missing and HELICASE_ROOT_KEY is not set. ` +
        'Put the original file back (from a backup of the keys); without it the stored data cannot be read.',
    );
  }
  await create(source);
  return decoded((await readIfPresent(source.file)) ?? '', source.file);
}

function decoded(text: string, origin: string): Uint8Array {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length !== 32 || !/^[A-Za-z0-9+/]{43}=?$/.test(trimmed)) {
    throw new RootKeyUnusable(
      `${origin} does not hold a root key: it must be 32 bytes in base64 (44 characters), as \`openssl rand -base64 32\` prints.`,
    );
  }
  return key;
}

async function refuseReadableByOthers(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new RootKeyUnusable(
      `${file} can be read by other users of this machine: run \`chmod 600 ${file}\`.`,
    );
  }
}

/** Whole under its final name or not there; where two processes start at once, the first one's key stays. */
async function create(source: RootKeySource): Promise<void> {
  await ensureDirectory(dirname(source.file));
  const temporary = `${source.file}.${source.random.bytes(6).toString('hex')}.new`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(Buffer.from(source.random.bytes(32)).toString('base64') + '\n');
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(temporary, source.file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(temporary, { force: true });
  await syncDirectory(dirname(source.file));
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new RootKeyUnusable(`The root key file ${file} cannot be read: ${String(error)}`);
  }
}
