import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '@helicase/kernel';
import { RootKeyUnusable } from '../errors.ts';
import { ensureDirectory, syncDirectory } from '../folder/durable.ts';
import { type RootKeyWrapper, rootKeyWrapper } from './root-key-wrapper.ts';

export interface RootKeySource {
  /** Where the key lies when the environment does not give it; made on first start. */
  readonly file: string;
  /** `HELICASE_ROOT_KEY`: 32 bytes in base64; what rootKeyWrapper reads: whose key the file is wrapped under. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  /** False where the data directory holds sealed things already: a new key could open none of them. True unless told. */
  readonly mayCreate?: boolean;
}

/** The key above all others. Throws RootKeyUnusable with what to do about it. */
export async function loadRootKey(source: RootKeySource): Promise<Uint8Array> {
  const wrapper = rootKeyWrapper(source.environment);
  if (wrapper) return wrappedRootKey(source, wrapper);
  const given = source.environment.HELICASE_ROOT_KEY;
  if (given !== undefined && given !== '') return decoded(given, 'HELICASE_ROOT_KEY');
  const found = await readIfPresent(source.file);
  if (found !== undefined) {
    await refuseReadableByOthers(source.file);
    return decoded(found, source.file);
  }
  if ((await readIfPresent(wrappedRootKeyFile(source.file))) !== undefined)
    throw new RootKeyUnusable(
      `The root key lies wrapped in ${wrappedRootKeyFile(source.file)}: set HELICASE_ROOT_KEY_KMS or HELICASE_ROOT_KEY_VAULT to the key that it was wrapped under.`,
    );
  if (source.mayCreate === false) throw missing(source);
  await keep(source, source.file, Buffer.from(source.random.bytes(32)).toString('base64'));
  return decoded((await readIfPresent(source.file)) ?? '', source.file);
}

function missing({ file }: RootKeySource): RootKeyUnusable {
  return new RootKeyUnusable(
    `There is no root key: ${file} is missing and HELICASE_ROOT_KEY is not set. ` +
      'Put the original file back (from a backup of the keys); without it the stored data cannot be read.',
  );
}

/** Where the root key lies when it is wrapped under another's key. */
export function wrappedRootKeyFile(file: string): string {
  return `${file}.wrapped`;
}

/** The key of a file that holds it under another's key: made there at first, or HELICASE_ROOT_KEY, wrapped now. */
async function wrappedRootKey(source: RootKeySource, wrapper: RootKeyWrapper): Promise<Uint8Array> {
  const file = wrappedRootKeyFile(source.file);
  const found = await readIfPresent(file);
  if (found !== undefined) return unwrapped(found.trim(), file, wrapper);
  if ((await readIfPresent(source.file)) !== undefined)
    throw new RootKeyUnusable(
      `The root key lies in the clear in ${source.file}. To have it under ${wrapper.name}: start once with ` +
        `HELICASE_ROOT_KEY set to what the file holds and the file moved to a safe place away from this machine.`,
    );
  const given = source.environment.HELICASE_ROOT_KEY;
  if (!given && source.mayCreate === false) throw missing(source);
  const key = given ? decoded(given, 'HELICASE_ROOT_KEY') : source.random.bytes(32);
  const text = await wrapper.wrap(key).catch((error: unknown) => {
    throw new RootKeyUnusable(`The root key cannot be wrapped by ${wrapper.name}: ${String(error)}`);
  });
  await keep(source, file, text);
  // Where two servers start at once, the first one's key stays; and what was written is seen to open.
  return unwrapped(((await readIfPresent(file)) ?? '').trim(), file, wrapper);
}

async function unwrapped(text: string, file: string, wrapper: RootKeyWrapper): Promise<Uint8Array> {
  const key = await wrapper.unwrap(text).catch((error: unknown) => {
    throw new RootKeyUnusable(
      `The root key in ${file} cannot be unwrapped by ${wrapper.name}: ${String(error)}`,
    );
  });
  if (key.length !== 32)
    throw new RootKeyUnusable(`${wrapper.name} answered ${key.length} bytes for ${file}; a root key has 32.`);
  return key;
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

/** Whole under its final name or not there; where two processes start at once, the first one's stays. */
async function keep({ random }: RootKeySource, file: string, text: string): Promise<void> {
  await ensureDirectory(dirname(file));
  const temporary = `${file}.${random.bytes(6).toString('hex')}.new`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(temporary, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(temporary, { force: true });
  await syncDirectory(dirname(file));
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new RootKeyUnusable(`The root key file ${file} cannot be read: ${String(error)}`);
  }
}
