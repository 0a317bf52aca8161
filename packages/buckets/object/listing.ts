import type { ObjectEntry } from './model.ts';

export interface ListingQuery {
  readonly prefix: string;
  /** '' for none. */
  readonly delimiter: string;
  /** Keys and common prefixes up to and with it are left out; '' for none. */
  readonly after: string;
  /** Keys and common prefixes together. */
  readonly limit: number;
}

export interface Listing {
  readonly objects: readonly ObjectEntry[];
  readonly commonPrefixes: readonly string[];
  /** Where more follows: the last key or common prefix of this page. */
  readonly next: string | undefined;
}

/** Gives keys in the order of their UTF-8 bytes. */
export type KeyPages = (
  from: { readonly key: string; readonly included: boolean },
  below: string | undefined,
  limit: number,
) => Promise<readonly ObjectEntry[]>;

const BATCH = 1000;

/** One page of a listing; whole groups under a delimiter are skipped over, not read. */
export async function listPage(query: ListingQuery, pages: KeyPages): Promise<Listing> {
  const objects: ObjectEntry[] = [];
  const commonPrefixes: string[] = [];
  const listing = (next: string | undefined) => ({ objects, commonPrefixes, next });
  let last: string | undefined;
  if (query.limit === 0) return listing(undefined);
  const below = successor(query.prefix);
  for (let from = startOf(query); from;) {
    const batchSize = Math.min(BATCH, query.limit - objects.length - commonPrefixes.length + 1);
    const batch: readonly ObjectEntry[] = await pages(from, below, batchSize);
    from = batch.length < batchSize ? undefined : { key: batch.at(-1)!.key, included: false };
    for (const entry of batch) {
      const group = groupOf(entry.key, query);
      if (group !== undefined && group === last) continue;
      if (objects.length + commonPrefixes.length === query.limit) return listing(last);
      if (group === undefined) objects.push(entry);
      else commonPrefixes.push(group);
      last = group ?? entry.key;
    }
    const lastGroup = from && groupOf(from.key, query);
    if (lastGroup !== undefined) from = behind(lastGroup);
  }
  return listing(undefined);
}

type Position = Parameters<KeyPages>[0];

function startOf(query: ListingQuery): Position | undefined {
  const before = Buffer.compare(Buffer.from(query.after), Buffer.from(query.prefix)) < 0;
  if (query.after === '' || before) return { key: query.prefix, included: true };
  // A page that ended with a common prefix goes on behind the whole group.
  const group = groupOf(query.after, query);
  return group === query.after ? behind(group) : { key: query.after, included: false };
}

/** The first place behind every key that begins with the group; undefined where there is none. */
function behind(group: string): Position | undefined {
  const key = successor(group);
  return key === undefined ? undefined : { key, included: true };
}

/** The common prefix that the key is told as: up to and with the first delimiter behind the prefix. */
function groupOf(key: string, query: ListingQuery): string | undefined {
  if (query.delimiter === '') return undefined;
  const at = key.indexOf(query.delimiter, query.prefix.length);
  return at === -1 ? undefined : key.slice(0, at + query.delimiter.length);
}

/** The least string above every string that begins with the prefix, in code point order; undefined for ''. */
export function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
