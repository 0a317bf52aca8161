import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compiled } from './compiled.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'helicase', 'bundles');
const BUNDLER = join(import.meta.dirname, 'bundler.ts');
/** npm writes it whenever it changes a dependency. */
const DEPENDENCIES = join(ROOT, 'node_modules', '.package-lock.json');

/** A source as it was when it was bundled: path, bytes, milliseconds since 1970. */
type Stamp = readonly [path: string, size: number, changed: number];

/** The bundle of the module, where its sources are as they were when it was made. */
export function freshBundle(entry: string, cache = CACHE): string | undefined {
  const { bundle, stamps } = placesOf(entry, cache);
  try {
    const known = JSON.parse(readFileSync(stamps, 'utf8')) as readonly Stamp[];
    return known.every(isCurrent) ? bundle : undefined;
  } catch {
    return undefined; // none yet, or a source is gone
  }
}

/** Undefined where there is no bundler, or nothing can be kept: an installation that only others may write to. */
export async function makeBundle(entry: string, cache = CACHE): Promise<string | undefined> {
  const { bundle, stamps } = placesOf(entry, cache);
  const begun = Date.now();
  try {
    const { bundleOf } = await import('./bundler.ts');
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

function placesOf(entry: string, cache: string): { readonly bundle: string; readonly stamps: string } {
  const name = relative(join(ROOT, 'packages'), entry).replaceAll('/', '-');
  return { bundle: join(cache, `${name}.bundle`), stamps: join(cache, `${name}.json`) };
}

function stamp(path: string): Stamp {
  const { mtimeMs, size } = statSync(path);
  return [path, size, mtimeMs];
}

function isCurrent([path, size, changed]: Stamp): boolean {
  const facts = statSync(path);
  return facts.size === size && facts.mtimeMs === changed;
}

/** Whole or not at all: others may read it meanwhile. */
function write(path: string, text: string | Uint8Array): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
