import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ids } from '@helicase/kernel';

/** The name of this server's chains, the same after every restart: kept in a file beside the journal. */
export async function serverName(directory: string, ids: Ids): Promise<string> {
  const file = join(directory, 'server');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (known !== '') return known;
  const name = ids.uuid();
  await writeFile(file, name, { mode: 0o600, flush: true });
  return name;
}
