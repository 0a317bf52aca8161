import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What /proc has besides processes that root may write: the settings and switches of the whole kernel
 * (`/proc/sys`, `/proc/driver/nvidia/suspend`). A task of root's server carries root's user id there, so that only a
 * mount keeps it from them. Asked of the kernel, not listed: another one, or a module, has others.
 */
export function kernelFiles(): readonly string[] {
  const names = readdirSync('/proc').filter((name) => !/^\d+$/.test(name));
  return names.map((name) => join('/proc', name)).filter(mayBeWritten);
}

function mayBeWritten(path: string): boolean {
  const facts = lstatSync(path);
  // A link leads to what the reader's own process has.
  return facts.isDirectory() || (facts.isFile() && (facts.mode & 0o222) !== 0);
}
