import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeBundle } from './bundle.ts';
import { freshBundle, KEPT, runCompiled } from './load.cjs';

const CLI = join(import.meta.dirname, '..');

/**
 * A module of this room with all that it imports, from one file that is made on first use and again when a source has
 * changed: hundreds of small files take longer to load than many a run. Where none can be made, from the sources.
 */
export async function bundled<T>(entry: string): Promise<T> {
  const source = join(CLI, entry);
  const fresh = freshBundle(source);
  if (fresh === undefined) keepCompiled();
  const bundle = fresh ?? (await makeBundle(source));
  if (bundle === undefined) return (await import(pathToFileURL(source).href)) as T;
  return runCompiled(bundle, createRequire(source), (address) => import(address)) as T;
}

/** For what is loaded from the sources: types are stripped and code compiled once per version of a file. */
export function keepCompiled(): void {
  enableCompileCache(join(KEPT, 'compiled'));
}
