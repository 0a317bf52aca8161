import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A member's type: one word for a scalar (str, int, ts, ...), or what it is made of. */
export type Type =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'structure'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly of: Type };

export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly type: Type;
}

export interface ModelOperation {
  readonly name: string;
  readonly method: string;
  /** Of the path as it is on the wire, without the query. */
  readonly path: RegExp;
  readonly status: number;
  /** 'bytes' where the body is the bytes themselves, undefined where the model has no output at all. */
  readonly output: readonly Member[] | 'bytes' | undefined;
}

export interface Structure {
  readonly kind: 'structure' | 'union' | 'document';
  readonly members: readonly Member[];
}

export interface ApiModel {
  readonly operations: readonly ModelOperation[];
  readonly structures: ReadonlyMap<string, Structure>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/** The API's model as two tables beside the clone, with the real data: members.md and operations.md. */
const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'api');
export const withoutModel = existsSync(folder) ? false : "the API's model is not beside this clone";

export function readModel(): ApiModel {
  const members = readFileSync(join(folder, 'members.md'), 'utf8');
  const operations = readFileSync(join(folder, 'operations.md'), 'utf8');
  return {
    operations: [...members.matchAll(/^### (\w+) — (\w+) (\S+) → (\d+)\nin: .*\nout: (.*)$/gm)].map(
      readOperation,
    ),
    structures: new Map(
      [...members.matchAll(/^- \*\*(\w+)\*\*(?: \((union|document)\))?: (.*)$/gm)].map(readStructure),
    ),
    enums: new Map(
      [...operations.matchAll(/^- (\w+): ([A-Za-z0-9_ ]+)$/gm)].map(([, name, values]) => [
        name!,
        values!.split(' '),
      ]),
    ),
  };
}

function readOperation([, name, method, path, status, out]: RegExpExecArray): ModelOperation {
  const pattern = path!.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return {
    name: name!,
    method: method!,
    path: new RegExp(`^${pattern}$`),
    status: Number(status),
    output: readOutput(out!),
  };
}

function readOutput(out: string): ModelOperation['output'] {
  if (out === '(no output shape)') return undefined;
  return out.includes('(payload)') ? 'bytes' : readMembers(out);
}

function readStructure([, name, kind, members]: RegExpExecArray): readonly [string, Structure] {
  return [name!, { kind: (kind ?? 'structure') as Structure['kind'], members: readMembers(members!) }];
}

function readMembers(text: string): readonly Member[] {
  if (text === '(none)') return [];
  return text.split(', ').map((member) => {
    const [, name, flags, type] = /^(\w+)([*+~]*):(.+)$/.exec(member)!;
    return { name: name!, required: flags!.includes('*'), type: readType(type!) };
  });
}

function readType(text: string): Type {
  if (text.startsWith('[')) return { kind: 'list', of: readType(text.slice(1, -1)) };
  if (text.startsWith('{')) {
    const [, key, of] = /^\{((?:enum:)?\w+):(.+)\}$/.exec(text)!;
    return { kind: 'map', key: readType(key!), of: readType(of!) };
  }
  if (text.startsWith('enum:')) return { kind: 'enum', name: text.slice('enum:'.length) };
  return { kind: /^[A-Z]/.test(text) ? 'structure' : 'scalar', name: text };
}
