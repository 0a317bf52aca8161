import { copyFile, cp, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LanguageResult, OutputFile } from '@helicase/runtime';
import {
  isDirectory,
  isFile,
  isFileOrDirectory,
  isObject,
  listOf,
  setMember,
  textOf,
  type Value,
  type ValueObject,
} from '../value.ts';
import type { RunContext } from './run-context.ts';

/**
 * The outputs as JSON, and under which key each file goes: `out/<output>/<name>`, items of lists in numbered folders,
 * members of records in one of their name. A file's location becomes its key.
 */
export async function publishOutputs(outputs: ValueObject, context: RunContext): Promise<LanguageResult> {
  const publication = new Publication(context);
  const json: ValueObject = {};
  for (const [name, value] of Object.entries(outputs)) {
    setMember(json, name, await publication.placed(value, `out/${name}`));
  }
  return { outputs: json, files: publication.files };
}

class Publication {
  readonly files: OutputFile[] = [];
  readonly #context: RunContext;
  #made = 0;

  constructor(context: RunContext) {
    this.#context = context;
  }

  async placed(value: Value, folder: string): Promise<Value> {
    if (isFileOrDirectory(value)) return this.#file(value, folder);
    if (Array.isArray(value)) {
      const items: Value[] = [];
      const digits = String(Math.max(0, value.length - 1)).length;
      for (const [index, item] of value.entries()) {
        items.push(await this.placed(item, `${folder}/${String(index).padStart(digits, '0')}`));
      }
      return items;
    }
    if (!isObject(value)) return value;
    const members: ValueObject = {};
    for (const [name, item] of Object.entries(value)) {
      const plain = /^[\w-][\w.-]*$/.test(name) ? name : encodeURIComponent(name);
      setMember(members, name, await this.placed(item, `${folder}/${plain}`));
    }
    return members;
  }

  async #file(file: ValueObject, folder: string): Promise<ValueObject> {
    const basename = textOf(file['basename'])!;
    const key = `${folder}/${basename}`;
    const path = await this.#localPath(file, basename);
    this.files.push({ path, key });
    const secondary: Value[] = [];
    for (const one of listOf(file['secondaryFiles'])) {
      if (isFileOrDirectory(one)) secondary.push(await this.#file(one, folder));
    }
    return {
      ...{ class: file['class']!, location: key, basename },
      ...(isFile(file) ? { size: file['size']!, checksum: await this.#context.files.checksum(path) } : {}),
      ...(file['format'] === undefined ? {} : { format: file['format'] }),
      ...(secondary.length > 0 ? { secondaryFiles: secondary } : {}),
    };
  }

  async #localPath(file: ValueObject, basename: string): Promise<string> {
    const location = textOf(file['location']);
    if (location !== undefined) return this.#context.files.localPath(location);
    const folder = join(this.#context.host.scratch(), 'published', `${process.pid}-${(this.#made += 1)}`);
    await mkdir(folder, { recursive: true });
    return this.#write(file, join(folder, basename));
  }

  /** A literal becomes a file or folder of its own. */
  async #write(file: ValueObject, path: string): Promise<string> {
    const location = textOf(file['location']);
    if (location !== undefined) {
      const source = await this.#context.files.localPath(location);
      if (isDirectory(file)) await cp(source, path, { recursive: true });
      else await link(source, path).catch(() => copyFile(source, path));
    } else if (isFile(file)) await writeFile(path, textOf(file['contents']) ?? '');
    else {
      await mkdir(path);
      for (const one of listOf(file['listing'])) {
        if (isFileOrDirectory(one)) await this.#write(one, join(path, textOf(one['basename'])!));
      }
    }
    return path;
  }
}
