import { posix } from 'node:path';
import type { LanguageResult, OutputFile } from '@helicase/runtime';
import type { Callable } from '../check/program.ts';
import { toJson } from '../evaluate/json.ts';
import { array, map, NOTHING, object, pair, text, type ObjectValue, type Value } from '../evaluate/value.ts';
import type { RunFiles } from './run-files.ts';

/**
 * The outputs as JSON, and under which key each file goes: `out/<output>/<name>`. Items of arrays get a folder each,
 * numbered with leading zeros, members of structs, maps and pairs one of their name: miniwdl's layout, which the
 * service has too, and in which no two files meet.
 */
export async function publishOutputs(
  workflow: Callable,
  outputs: ObjectValue,
  files: RunFiles,
): Promise<LanguageResult> {
  const published: OutputFile[] = [];
  const place = async (path: string, folder: string): Promise<string> => {
    const source = await files.source(path, workflow.home.file);
    const local = await files.localPath(source);
    const key = `${folder}/${posix.basename(source.kind === 'path' ? source.path : source.uri)}`;
    published.push({ path: local, key });
    return key;
  };
  const json: Record<string, unknown> = {};
  for (const [name, value] of outputs.members) {
    json[`${workflow.name}.${name}`] = toJson(await placed(value, `out/${name}`, place));
  }
  return { outputs: json, files: published };
}

type Place = (path: string, folder: string) => Promise<string>;

async function placed(value: Value, folder: string, place: Place): Promise<Value> {
  switch (value.kind) {
    case 'File':
    case 'Directory':
      return { kind: value.kind, value: await place(value.value, folder) };
    case 'Array': {
      const items: Value[] = [];
      for (const [index, item] of value.items.entries()) {
        items.push(await placed(item, `${folder}/${numbered(index, value.items.length)}`, place));
      }
      return array(items);
    }
    case 'Map': {
      const entries: (readonly [Value, Value])[] = [];
      const names = folderNames([...value.entries.values()].map(([key]) => text(key)));
      for (const [index, [key, item]] of [...value.entries.values()].entries()) {
        const keyFolder = `${folder}/${names[index]}`;
        const placedKey = await placed(key, `${keyFolder}/key`, place);
        entries.push([placedKey, await placed(item, keyFolder, place)]);
      }
      return map(entries);
    }
    case 'Pair': {
      const left = await placed(value.left, `${folder}/left`, place);
      return pair(left, await placed(value.right, `${folder}/right`, place));
    }
    case 'Object': {
      const members: (readonly [string, Value])[] = [];
      for (const [name, item] of value.members)
        members.push([name, await placed(item, `${folder}/${name}`, place)]);
      return object(members);
    }
    case 'None':
      return NOTHING;
    default:
      return value;
  }
}

function numbered(index: number, count: number): string {
  return String(index).padStart(String(Math.max(0, count - 1)).length, '0');
}

/** The keys themselves where all of them make plain folder names, otherwise numbers. */
function folderNames(keys: readonly string[]): string[] {
  const plain = keys.every((key) => /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(key));
  return plain ? [...keys] : keys.map((_, index) => numbered(index, keys.length));
}
