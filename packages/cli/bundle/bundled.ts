import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshBundle, makeBundle } from './bundle.ts';
import { runCompiled } from './compiled.ts';

const CLI = join(import.meta.dirname, '..');

/**
 * A module of this room with all that it imports, from one file that is made on first use and again when a source has
 * changed: hundreds of small files take longer to load than many a run. Where none can be made, from the sources.
 */
export async function bundled<T>(entry: string): Promise<T> {
  const source = join(CLI, entry);
  const bundle = freshBundle(source) ?? (await makeBundle(source));
  if (bundle === undefined) return (await import(pathToFileURL(source).href)) as T;
  return runCompiled(bundle, createRequire(source)) as T;
}
