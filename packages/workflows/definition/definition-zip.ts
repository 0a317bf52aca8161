import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import type { ZipLimits } from '../limits.ts';
import { DefinitionProblem } from './definition-problem.ts';

/** An unpacked definition: relative paths with `/`, no folders of their own. */
export type DefinitionFiles = ReadonlyMap<string, Buffer>;

const ENCRYPTED = 1;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const SYMBOLIC_LINK = 0o120000;
/** Below this a high ratio is harmless: an empty table compresses well. */
const RATIO_MATTERS_FROM = 1024 * 1024;

/**
 * Unpacks a definition zip in memory. Every entry is judged by the central directory before anything is unpacked, and
 * unpacked bytes are held to what it declared, so that a bomb costs nothing. Throws DefinitionProblem naming the entry.
 */
export async function readDefinitionZip(archive: Buffer, limits: ZipLimits): Promise<DefinitionFiles> {
  if (archive.length > limits.archiveBytes) {
    throw new DefinitionProblem(
      `The definition zip has ${archive.length} bytes; at most ${limits.archiveBytes} are allowed.`,
    );
  }
  const zip = await open(archive);
  try {
    const entries = await list(zip, limits);
    const files = new Map<string, Buffer>();
    for (const entry of entries) files.set(entry.fileName, await unpack(zip, entry));
    return files;
  } finally {
    zip.close();
  }
}

async function open(archive: Buffer): Promise<ZipFile> {
  try {
    return await yauzl.fromBufferPromise(archive, {
      autoClose: false,
      validateEntrySizes: true,
      strictFileNames: true,
    });
  } catch (error) {
    throw new DefinitionProblem(`The definition is not a readable zip file: ${(error as Error).message}.`);
  }
}

async function list(zip: ZipFile, limits: ZipLimits): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const judge = new EntryJudge(limits);
  for await (const entry of eachEntry(zip)) {
    if (judge.accept(entry)) entries.push(entry);
  }
  return entries;
}

async function* eachEntry(zip: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* zip.eachEntry();
  } catch (error) {
    if (error instanceof DefinitionProblem) throw error;
    throw new DefinitionProblem(`The definition zip is refused: ${(error as Error).message}.`);
  }
}

/** Sees the entries one after another and refuses the first that is dangerous, by name. */
class EntryJudge {
  readonly #limits: ZipLimits;
  readonly #seen = new Set<string>();
  readonly #folders = new Set<string>();
  #total = 0;

  constructor(limits: ZipLimits) {
    this.#limits = limits;
  }

  /** False for folders, which files imply. */
  accept(entry: Entry): boolean {
    const name = entry.fileName;
    const refuse = (why: string) =>
      new DefinitionProblem(`The definition zip is refused: entry "${name}" ${why}.`);
    if (entry.generalPurposeBitFlag & ENCRYPTED) throw refuse('is encrypted');
    const unsafe = unsafeName(name);
    if (unsafe) throw refuse(unsafe);
    const type = fileType(entry);
    if (type === SYMBOLIC_LINK) throw refuse('is a symbolic link');
    if (type !== 0 && type !== REGULAR && type !== FOLDER) throw refuse('is neither a file nor a folder');
    if (name.endsWith('/')) return false;
    if (this.#seen.has(name)) throw refuse('occurs twice');
    this.#seen.add(name);
    this.#placeInFolders(name, refuse);
    this.#weigh(entry, refuse);
    return true;
  }

  #placeInFolders(name: string, refuse: (why: string) => Error): void {
    const parts = name.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      if (this.#seen.has(folder)) throw refuse(`lies in "${folder}", which is a file`);
      this.#folders.add(folder);
    }
    if (this.#folders.has(name)) throw refuse('is a file and a folder at once');
  }

  #weigh(entry: Entry, refuse: (why: string) => Error): void {
    const { compressedSize, uncompressedSize } = entry;
    const { fileBytes, files, ratio, totalBytes } = this.#limits;
    this.#total += uncompressedSize;
    if (this.#seen.size > files) throw refuse(`is one file too many: at most ${files} are allowed`);
    if (uncompressedSize > fileBytes) {
      throw refuse(`unpacks to ${uncompressedSize} bytes: at most ${fileBytes} are allowed for one file`);
    }
    if (this.#total > totalBytes) throw refuse(`brings the unpacked size above ${totalBytes} bytes`);
    if (uncompressedSize > RATIO_MATTERS_FROM && uncompressedSize > compressedSize * ratio) {
      throw refuse(`unpacks to more than ${ratio} times its packed size, as a zip bomb does`);
    }
  }
}

/** Beyond what yauzl refuses (`..`, absolute paths, backslashes): names that mean another place than they say. */
function unsafeName(name: string): string | undefined {
  if (/[\0-\x1f\x7f]/.test(name)) return 'has control characters in its name'; // eslint-disable-line no-control-regex
  if (
    name.split('/').some((part, index, parts) => part === '.' || (part === '' && index < parts.length - 1))
  ) {
    return 'has an empty or "." part in its path';
  }
  return undefined;
}

function fileType(entry: Entry): number {
  if (entry.versionMadeBy >>> 8 !== UNIX) return 0;
  return (entry.externalFileAttributes >>> 16) & FILE_TYPE;
}

async function unpack(zip: ZipFile, entry: Entry): Promise<Buffer> {
  try {
    const stream = await zip.openReadStreamPromise(entry);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (crc32(bytes) !== entry.crc32) throw new Error('its checksum (CRC-32) does not match');
    return bytes;
  } catch (error) {
    throw new DefinitionProblem(
      `The definition zip is refused: entry "${entry.fileName}" cannot be unpacked: ${(error as Error).message}.`,
    );
  }
}
