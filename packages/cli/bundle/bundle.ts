import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES, placesOf } from './load.cjs';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUNDLER = join(import.meta.dirname, 'bundler.ts');
/** npm writes it whenever it changes a dependency. */
const DEPENDENCIES = join(ROOT, 'node_modules', '.package-lock.json');

/** Undefined where there is no bundler, or nothing can be kept: an installation that only others may write to. */
export async function makeBundle(entry: string, cache = BUNDLES): Promise<string | undefined> {
  const { bundle, stamps } = placesOf(entry, cache);
  const begun = Date.now();
  try {
    // Loaded by whoever makes a bundle alone: most find one.
    const { bundleOf } = await import('./bundler.ts');
    const { compiled } = await import('./compiled.ts');
    const { sources, text } = await bundleOf(entry);
    const own = sources.filter((path) => !path.includes('/node_modules/'));
    const facts = [...own, BUNDLER, DEPENDENCIES].map(stamp);
    if (facts.some(([, , changed]) => changed >= begun)) return undefined; // it may hold what was there before
    mkdirSync(cache, { recursive: true });
    write(bundle, compiled(text, bundle));
    write(stamps, JSON.stringify(facts)); // last: until then the old ones call for another bundle
    return bundle;
  } catch {
    return undefined;
  }
}

function stamp(path: string): readonly [path: string, size: number, changed: number] {
  const { mtimeMs, size } = statSync(path);
  return [path, size, mtimeMs];
}

/** Whole or not at all: others may read it meanwhile. */
function write(path: string, text: string | Uint8Array): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
