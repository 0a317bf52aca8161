import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@helicase/kernel';
import { errorCode } from '../cgroup/files.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';
import type { FoundImage, ImageSource } from './image-source.ts';

interface Entry {
  readonly location: string;
  readonly name: string;
  readonly digest?: string;
}

/**
 * Images that lie in a folder: OCI layouts (`skopeo copy ... oci:FOLDER/bwa:quay.io/x/bwa:1`) and archives of
 * `docker save` or `podman save` (`FOLDER/bwa.tar`), found by the names they carry.
 */
export function archiveSource(folder: string): ImageSource {
  const read = new Map<string, { readonly stamp: string; readonly entries: readonly Entry[] }>();
  const entriesOf = async (path: string): Promise<{ stamp: string; entries: readonly Entry[] }> => {
    const facts = await stat(path);
    const marker = facts.isDirectory() ? await stat(join(path, 'index.json')).catch(() => undefined) : facts;
    if (!marker) return { stamp: '', entries: [] };
    const stamp = `${path} ${marker.mtimeMs} ${marker.size}`;
    const known = read.get(path);
    if (known?.stamp === stamp) return known;
    const entries = facts.isDirectory() ? await layoutEntries(path) : await archiveEntries(path);
    read.set(path, { stamp, entries });
    return { stamp, entries };
  };
  return {
    name: `the folder ${folder}`,
    async find(reference) {
      for (const path of await candidates(folder)) {
        const { stamp, entries } = await entriesOf(path);
        const entry = entries.find((candidate) => isSame(candidate, reference));
        if (entry) return found(entry, stamp);
      }
      return undefined;
    },
  };
}

function found(entry: Entry, stamp: string): FoundImage {
  return {
    location: entry.location,
    stamp: `${stamp} ${entry.digest ?? ''}`,
    ...(entry.digest ? { digest: entry.digest } : {}),
  };
}

function isSame(entry: Entry, wanted: ImageReference): boolean {
  const reference = parseImageReference(entry.name);
  if (!reference || reference.repository !== wanted.repository) return false;
  return wanted.digest
    ? entry.digest === wanted.digest
    : formatImageReference(reference) === formatImageReference(wanted);
}

async function candidates(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || /\.tar$/.test(entry.name)))
      .map((entry) => join(folder, entry.name))
      .toSorted();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

interface Index {
  readonly manifests?: readonly {
    readonly digest: string;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

/** OCI image layout: names are the annotation `org.opencontainers.image.ref.name` of index.json. */
async function layoutEntries(path: string): Promise<Entry[]> {
  const index = JSON.parse(await readFile(join(path, 'index.json'), 'utf8')) as Index;
  return (index.manifests ?? []).flatMap(({ digest, annotations }) => {
    const name = annotations?.['org.opencontainers.image.ref.name'];
    return name === undefined ? [] : [{ name, digest, location: `oci:${path}:${name}` }];
  });
}

async function archiveEntries(path: string): Promise<Entry[]> {
  const { code, stdout } = await runCommand('skopeo', ['list-tags', `docker-archive:${path}`]);
  if (code !== 0) return []; // another kind of tar: not ours
  const { Tags: names } = JSON.parse(stdout) as { Tags?: readonly string[] };
  return (names ?? []).map((name) => ({ name, location: `docker-archive:${path}:${name}` }));
}
