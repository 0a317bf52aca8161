import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checksumOf } from '@helicase/cwl';
import type { LanguageResult } from '@helicase/runtime';

/** Copies the output files to the folder, names that meet numbered, and answers the outputs with their places. */
export async function deliver({ files, outputs }: LanguageResult, outdir: string): Promise<unknown> {
  await mkdir(outdir, { recursive: true });
  const folders = new Map<string, string>();
  const taken = new Set<string>();
  const places = new Map<string, string>();
  for (const { key, path } of files) {
    // Secondary files stay beside their primary file: all of one folder go to the same one.
    const from = dirname(key);
    const folder =
      folders.get(from) ??
      freeFolder(
        files.filter((one) => dirname(one.key) === from).map((one) => basename(one.key)),
        taken,
      );
    folders.set(from, folder);
    const place = join(outdir, folder, basename(key));
    taken.add(join(folder, basename(key)));
    await mkdir(dirname(place), { recursive: true });
    await cp(path, place, { recursive: true, dereference: true });
    places.set(key, place);
  }
  return located(outputs, places);
}

/** The output folder itself where none of the names is taken, else a numbered one in it. */
function freeFolder(names: readonly string[], taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? '' : `${number}`;
    if (names.every((name) => !taken.has(join(folder, name)) && !taken.has(join(folder, name, ''))))
      return folder;
  }
}

async function located(value: unknown, places: ReadonlyMap<string, string>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => located(item, places)));
  if (typeof value !== 'object' || value === null) return value;
  const members: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) members[name] = await located(item, places);
  const place = places.get(String(members['location']));
  if (place === undefined) return members;
  const where = { location: pathToFileURL(place).href, path: place };
  if (members['class'] === 'File') return { ...members, ...where };
  return { ...members, ...where, listing: await listing(place) };
}

async function listing(folder: string): Promise<unknown[]> {
  const entries: unknown[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const facts = await stat(path);
    const where = { location: pathToFileURL(path).href, path, basename: name };
    if (facts.isDirectory()) entries.push({ class: 'Directory', ...where, listing: await listing(path) });
    else entries.push({ class: 'File', ...where, size: facts.size, checksum: await checksumOf(path) });
  }
  return entries;
}
