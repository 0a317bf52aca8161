import { rmSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Does `work` in a folder of its own, which goes afterwards; a first interrupt cancels it in order. */
export async function inRunFolder<T>(
  language: string,
  work: (directory: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Without a sandbox tasks see it: as programs name it that follow links.
  const directory = await mkdtemp(join(await realpath(tmpdir()), `helicase-${language}-`));
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Error('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    return await work(directory, stop.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    rmSync(directory, { recursive: true, force: true }); // nothing else is to be done meanwhile
  }
}
