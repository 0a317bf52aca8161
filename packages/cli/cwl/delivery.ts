import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { copyFile, constants, cp, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checksumOf } from '@helicase/cwl';
import type { LanguageResult, OutputFile } from '@helicase/runtime';
import { FreeFolders } from './free-folders.ts';

/** Copies at once: as many as the thread pool of Node works on. */
const AT_ONCE = 4;
/** Bytes that are copied sooner than the thread pool is asked to. */
const SMALL = 64 * 1024;

/** Copies the output files to the folder, names that meet numbered, and answers the outputs with their places. */
export async function deliver({ files, outputs }: LanguageResult, outdir: string): Promise<unknown> {
  await mkdir(outdir, { recursive: true });
  const places = placesOf(files);
  for (const folder of new Set([...places.values()].map(dirname)))
    if (folder !== '.') mkdirSync(join(outdir, folder), { recursive: true });
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const some = files.slice(at, at + AT_ONCE);
    await Promise.all(some.map(({ key, path }) => copy(path, join(outdir, places.get(key)!))));
  }
  return located(outputs, (key) => {
    const place = places.get(key);
    return place === undefined ? undefined : join(outdir, place);
  });
}

/** Below the output folder, by key. Secondary files stay beside their primary file: all of one folder go to the same one. */
function placesOf(files: readonly OutputFile[]): Map<string, string> {
  const free = new FreeFolders();
  const places = new Map<string, string>();
  for (const together of Map.groupBy(files, ({ key }) => dirname(key)).values()) {
    const folder = free.take(together.map(({ key }) => basename(key)));
    for (const { key } of together) places.set(key, join(folder, basename(key)));
  }
  return places;
}

/** A copy, never another name of the same bytes: they may be the user's own input. */
async function copy(from: string, to: string): Promise<void> {
  const facts = statSync(from);
  if (facts.isDirectory()) await cp(from, to, { recursive: true, dereference: true });
  else if (facts.size <= SMALL) copyFileSync(from, to, constants.COPYFILE_FICLONE);
  else await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function located(value: unknown, placeOf: (key: string) => string | undefined): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => located(item, placeOf)));
  if (typeof value !== 'object' || value === null) return value;
  const members: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) members[name] = await located(item, placeOf);
  const place = placeOf(String(members['location']));
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
