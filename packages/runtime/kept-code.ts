import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * The variable by which a process of Node's finds the code that this one compiled and keeps, where it does: hundreds of
 * small files load in less than half the time.
 */
export function keptCode(): { readonly NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
