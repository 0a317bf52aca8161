import { gunzipSync } from 'node:zlib';
import { isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { type Files, isUri } from '../files/files.ts';
import { baseName, extension, fileName, parentOf, simpleName } from '../files/path-names.ts';
import { Closure } from './closure.ts';
import { fault } from './errors.ts';
import { GroovyMap } from './map.ts';
import { text } from './text.ts';
import { truth } from './truth.ts';
import { GroovyObject, type Value } from './value.ts';

type Method = (path: FilePath, ...args: readonly Value[]) => Value;

/** A file or folder: java.nio.file.Path, with what Nextflow adds to it. Inside of a task it goes by its staged name. */
export class FilePath extends GroovyObject {
  readonly files: Files;
  /** An absolute path, a relative one, or a URI. */
  readonly location: string;
  /** Its name in the work directory of the task that gets it. */
  readonly staged: string | undefined;

  constructor(files: Files, location: string, staged?: string) {
    super();
    this.files = files;
    this.location = location;
    this.staged = staged;
  }

  get className(): string {
    return this.staged === undefined ? 'UnixPath' : 'TaskPath';
  }

  get absolute(): string {
    return isUri(this.location) ? this.location : resolve(this.location);
  }

  /** Another path, seen the same way. */
  at(location: string): FilePath {
    return new FilePath(this.files, location);
  }

  below(name: string): FilePath {
    if (isAbsolute(name) || isUri(name)) return this.at(name);
    if (isUri(this.location)) return this.at(`${this.location.replace(/\/+$/, '')}/${name}`);
    return this.at(normalize(join(this.location, name)));
  }

  facts() {
    return this.files.stat(this.location);
  }

  /** Its text; of a compressed file, the text inside. */
  read(): string {
    return this.bytes().toString('utf8');
  }

  bytes(): Buffer {
    return this.files.read(this.location);
  }

  /** What operators read: compressed files are read through. */
  unpacked(): Buffer {
    const bytes = this.bytes();
    return this.location.endsWith('.gz') || (bytes[0] === 0x1f && bytes[1] === 0x8b)
      ? gunzipSync(bytes)
      : bytes;
  }

  override property(name: string): Value | undefined {
    if (name === 'text') return this.read();
    return this.invoke(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
  }

  override setProperty(name: string, value: Value): boolean {
    if (name !== 'text') return false;
    this.files.write(this.location, text(value), false);
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    return Object.hasOwn(METHODS, name) ? METHODS[name]!(this, ...args) : undefined;
  }

  override members(): Iterable<string> {
    return Object.keys(METHODS);
  }

  override equals(other: Value): boolean {
    return other instanceof FilePath && other.absolute === this.absolute;
  }

  override key(): Value {
    return ['path', this.absolute];
  }

  override compare(other: Value): number | undefined {
    if (!(other instanceof FilePath)) return undefined;
    return this.location < other.location ? -1 : this.location > other.location ? 1 : 0;
  }

  toString(): string {
    return this.staged ?? this.location;
  }
}

const METHODS: Readonly<Record<string, Method>> = {
  getName: (path) => fileName(path.toString()),
  getFileName: (path) => path.at(fileName(path.toString())),
  getBaseName: (path, times = 1) => {
    let name = fileName(path.toString());
    for (let count = 0; count < Number(times); count += 1) name = baseName(name);
    return name;
  },
  getSimpleName: (path) => simpleName(path.toString()),
  getExtension: (path) => extension(path.toString()),
  getParent: (path) => {
    const parent = parentOf(path.staged ?? path.location);
    return parent === undefined ? null : path.at(parent);
  },
  getRoot: (path) => path.at('/'),
  getScheme: (path) => (isUri(path.location) ? path.location.slice(0, path.location.indexOf(':')) : 'file'),
  getText: (path) => path.read(),
  getBytes: (path) => path.bytes(),
  exists: (path) => path.facts() !== undefined,
  isEmpty: (path) => isEmpty(path),
  empty: (path) => isEmpty(path),
  isFile: (path) => path.facts()?.isFile ?? false,
  isDirectory: (path) => path.facts()?.isDirectory ?? false,
  isLink: (path) => path.facts()?.isLink ?? false,
  isHidden: (path) => fileName(path.location).startsWith('.'),
  isAbsolute: (path) => isAbsolute(path.location) || isUri(path.location),
  canRead: (path) => path.facts() !== undefined,
  canWrite: (path) => path.facts() !== undefined,
  size: (path) => needed(path).size,
  length: (path) => needed(path).size,
  lastModified: (path) => needed(path).modified,
  getPermissions: (path) => permissions(needed(path).mode),
  setPermissions: (path, mode) => {
    path.files.setMode(path.location, parseInt(String(mode), 8));
    return true;
  },
  readLines: (path) => lines(path.read()),
  eachLine: (path, first, second) => {
    const closure = (second ?? first) as Closure;
    let result: Value = null;
    for (const [index, line] of lines(path.unpacked().toString('utf8')).entries()) {
      result = closure.arity > 1 ? closure.invokeWith(line, index + 1) : closure.invokeWith(line);
    }
    return result;
  },
  withReader: (path, closure) =>
    (closure as Closure).invokeWith(new LineReader(path.unpacked().toString('utf8'))),
  newReader: (path) => new LineReader(path.unpacked().toString('utf8')),
  withInputStream: (path, closure) => (closure as Closure).invokeWith(path),
  withWriter: (path, closure) => withWriter(path, closure as Closure, false),
  withWriterAppend: (path, closure) => withWriter(path, closure as Closure, true),
  withPrintWriter: (path, closure) => withWriter(path, closure as Closure, false),
  newOutputStream: (path) => new PathWriter(path, false),
  newInputStream: (path: FilePath): Value => path,
  setText: (path, value) => write(path, value, false),
  write: (path, value) => write(path, value, false),
  append: (path, value) => write(path, value, true),
  leftShift: (path, value) => {
    write(path, value, true);
    return path;
  },
  mkdir: (path) => makeDirectory(path),
  mkdirs: (path) => makeDirectory(path),
  delete: (path) => remove(path),
  deleteDir: (path) => remove(path),
  copyTo: (path, to) => path.at(copy(path, target(path, to))),
  moveTo: (path, to) => {
    const place = target(path, to);
    path.files.move(path.location, place);
    return path.at(place);
  },
  renameTo: (path, to) => {
    path.files.move(path.location, target(path, to));
    return true;
  },
  mklink: (path, first, second) => link(path, first, second),
  list: (path) => (path.facts()?.isDirectory ? path.files.list(path.location).sort() : null),
  listFiles: (path) => (path.facts()?.isDirectory ? children(path) : null),
  listDirectory: (path) => children(path),
  eachFile: (path, closure) => each(children(path), closure as Closure),
  eachDir: (path, closure) =>
    each(
      children(path).filter((child) => child.facts()?.isDirectory),
      closure as Closure,
    ),
  eachFileRecurse: (path, closure) => each([...descendants(path)], closure as Closure),
  resolve: (path, name) => path.below(text(name)),
  resolveSibling: (path, name) => (METHODS['getParent']!(path) as FilePath).below(text(name)),
  relativize: (path, other) => path.at(relative(path.location, (other as FilePath).location)),
  normalize: (path) => path.at(isUri(path.location) ? path.location : normalize(path.location)),
  toAbsolutePath: (path) => path.at(path.absolute),
  toRealPath: (path) => path.at(path.files.realPath(path.location)),
  complete: (path) => path.at(path.absolute),
  toFile: (path) => path,
  toPath: (path) => path,
  toUri: (path) => path.at(path.absolute),
  toURI: (path) => path.at(path.absolute),
  toUriString: (path) => (isUri(path.location) ? path.location : path.absolute),
  getAbsolutePath: (path) => path.absolute,
  getCanonicalPath: (path) => path.absolute,
  getPath: (path) => path.location,
  startsWith: (path, prefix) => `${path.location}/`.startsWith(`${text(prefix).replace(/\/$/, '')}/`),
  endsWith: (path, suffix) => `/${path.location}`.endsWith(`/${text(suffix)}`),
  contains: (path, part) => path.location.includes(text(part)),
  rightShift: (path, to) => {
    told?.(path, text(to));
    return path;
  },
  plus: (path, other) => path.toString() + text(other),
  div: (path, other) => path.below(text(other)),
  getAt: (path, index) => {
    const name = path.location.split('/').filter(Boolean).at(Number(index));
    return name === undefined ? null : path.at(name);
  },
  countLines: (path) => lines(path.unpacked().toString('utf8')).length,
  countFasta: (path) => path.unpacked().toString('utf8').match(/^>/gm)?.length ?? 0,
  countFastq: (path) => Math.floor(lines(path.unpacked().toString('utf8')).length / 4),
  toString: (path: FilePath): Value => path.toString(),
  tokenize: (path, by) =>
    path
      .toString()
      .split(text(by ?? '/'))
      .filter(Boolean),
  matches: (path, pattern) => new RegExp(`^(?:${text(pattern)})$`).test(path.toString()),
};

let told: ((file: FilePath, to: string) => void) | undefined;

/** While `act` runs, `file >> 'place'` tells of the place. */
export function whileMoving(tell: (file: FilePath, to: string) => void, act: () => Value): Value {
  told = tell;
  try {
    return act();
  } finally {
    told = undefined;
  }
}

export function lines(content: string): string[] {
  const all = content.split(/\r?\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}

function needed(path: FilePath) {
  const facts = path.facts();
  if (!facts) throw fault(`There is no file ${path.location}.`, 'NoSuchFileException');
  return facts;
}

function isEmpty(path: FilePath): boolean {
  const facts = path.facts();
  if (!facts) return true;
  return facts.isDirectory ? path.files.list(path.location).length === 0 : facts.size === 0;
}

function permissions(mode: number): string {
  return [...'rwxrwxrwx'].map((letter, index) => (mode & (1 << (8 - index)) ? letter : '-')).join('');
}

function write(path: FilePath, value: Value, append: boolean): Value {
  path.files.write(path.location, value instanceof Uint8Array ? value : text(value), append);
  return null;
}

function makeDirectory(path: FilePath): boolean {
  if (path.facts()) return false;
  path.files.makeDirectory(path.location);
  return true;
}

function remove(path: FilePath): boolean {
  if (!path.facts()) return false;
  path.files.remove(path.location);
  return true;
}

/** Into a folder where that is one, or is written with a slash at its end. */
function target(path: FilePath, to: Value): string {
  const place = to instanceof FilePath ? to : path.at(text(to));
  const folder = place.facts()?.isDirectory || text(to).endsWith('/');
  return folder ? place.below(fileName(path.location)).location : place.location;
}

function copy(path: FilePath, to: string): string {
  path.files.copy(path.location, to);
  return to;
}

function link(path: FilePath, first: Value, second: Value): Value {
  const options = first instanceof GroovyMap ? first : new GroovyMap();
  const name = first instanceof GroovyMap ? second : first;
  const place = name === undefined || name === null ? path.at(fileName(path.location)) : path.at(text(name));
  if (options.has('overwrite') && truth(options.get('overwrite')) && place.facts())
    place.files.remove(place.location);
  path.files.link(path.absolute, place.location, truth(options.get('hard') ?? false));
  return place;
}

function children(path: FilePath): FilePath[] {
  return path.files
    .list(path.location)
    .sort()
    .map((name) => path.below(name));
}

function* descendants(path: FilePath): Iterable<FilePath> {
  for (const child of children(path)) {
    yield child;
    if (child.facts()?.isDirectory) yield* descendants(child);
  }
}

function each(paths: readonly FilePath[], closure: Closure): Value {
  for (const path of paths) closure.invokeWith(path);
  return null;
}

function withWriter(path: FilePath, closure: Closure, append: boolean): Value {
  const writer = new PathWriter(path, append);
  const result = closure.invokeWith(writer);
  writer.invoke('close', []);
  return result;
}

/** Collects text and writes it on close: java.io.Writer. */
class PathWriter extends GroovyObject {
  readonly className = 'Writer';
  readonly #path: FilePath;

  constructor(path: FilePath, append: boolean) {
    super();
    this.#path = path;
    if (!append) path.files.write(path.location, '', false);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    const end = name === 'println' || name === 'writeLine' || name === 'newLine' ? '\n' : '';
    switch (name) {
      case 'write':
      case 'append':
      case 'print':
      case 'leftShift':
      case 'println':
      case 'writeLine':
      case 'newLine':
        this.#path.files.write(
          this.#path.location,
          (args[0] instanceof Uint8Array
            ? Buffer.from(args[0]).toString('latin1')
            : args.length > 0
              ? text(args[0])
              : '') + end,
          true,
        );
        return this;
      case 'close':
      case 'flush':
        return null;
      default:
        return undefined;
    }
  }

  toString(): string {
    return `Writer of ${this.#path.location}`;
  }
}

/** Reads a text line by line: java.io.BufferedReader. */
export class LineReader extends GroovyObject {
  readonly className = 'BufferedReader';
  readonly #lines: string[];
  #at = 0;

  constructor(content: string) {
    super();
    this.#lines = lines(content);
  }

  override property(name: string): Value | undefined {
    return name === 'text' ? this.#lines.slice(this.#at).join('\n') : undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'readLine':
        return this.#lines[this.#at++] ?? null;
      case 'readLines':
        return this.#lines.slice(this.#at);
      case 'eachLine':
        for (const line of this.#lines.slice(this.#at)) (args[0] as Closure).invokeWith(line);
        return null;
      case 'getText':
        return this.property('text');
      case 'lines':
        return this.#lines.slice(this.#at);
      case 'close':
        return null;
      default:
        return undefined;
    }
  }

  toString(): string {
    return 'BufferedReader';
  }
}
