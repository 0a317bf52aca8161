import { isCollection, items } from '../../evaluate/items.ts';
import { FilePath } from '../../values/path.ts';
import type { Value } from '../../values/value.ts';
import type { Channel } from '../channel.ts';
import { session } from '../session.ts';

/**
 * What an operator gathered, in the order in which tasks made it, where tasks made a file of every item. Finished tasks
 * of a resumed run answer in any order; their results are gathered as they were the first time, so that what is done
 * with them is found in the records too.
 */
export function asMade<T extends Value>(gathered: readonly T[], { network }: Channel): T[] {
  const { madeAt } = session(network);
  const made = gathered.map((item) => ({ item, at: lastMade(item, madeAt) }));
  if (made.some(({ at }) => at === undefined)) return [...gathered];
  return made.sort((a, b) => (a.at! < b.at! ? -1 : a.at! > b.at! ? 1 : 0)).map(({ item }) => item);
}

function lastMade(item: Value, madeAt: (location: string) => string | undefined): string | undefined {
  if (item instanceof FilePath) return madeAt(item.location);
  if (!isCollection(item)) return undefined;
  let last: string | undefined;
  for (const part of items(item)) {
    const at = lastMade(part, madeAt);
    if (at !== undefined && (last === undefined || at > last)) last = at;
  }
  return last;
}
