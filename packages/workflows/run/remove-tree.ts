import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@helicase/kernel';

/**
 * Removes a folder that tasks wrote into. They may have taken their own write permission away, which stops anybody but
 * root: it is given back first. What cannot be removed is told and left for the next start.
 */
export async function removeTree(path: string, log: Log): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 } as const;
  try {
    await rm(path, options).catch(async () => {
      await makeWritable(path);
      await rm(path, options);
    });
  } catch (error) {
    log.warn({ error, path }, 'a run’s scratch could not be removed');
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
