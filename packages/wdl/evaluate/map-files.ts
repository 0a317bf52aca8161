import { array, map, object, pair, type Value } from './value.ts';

/** What a file is replaced by; `undefined` makes the value undefined. */
export type FileChange = (path: string, kind: 'File' | 'Directory') => Promise<string | undefined>;

/** The value with every File and Directory in it replaced, one after another in the order of the value. */
export async function mapFiles(value: Value, change: FileChange): Promise<Value> {
  switch (value.kind) {
    case 'File':
    case 'Directory': {
      const changed = await change(value.value, value.kind);
      return changed === undefined ? { kind: 'None' } : { kind: value.kind, value: changed };
    }
    case 'Array':
      return array(await inOrder(value.items, (item) => mapFiles(item, change)));
    case 'Map':
      return map(
        await inOrder([...value.entries.values()], async ([key, item]) => {
          return [await mapFiles(key, change), await mapFiles(item, change)] as const;
        }),
      );
    case 'Pair': {
      const left = await mapFiles(value.left, change);
      return pair(left, await mapFiles(value.right, change));
    }
    case 'Object':
      return object(
        await inOrder(
          [...value.members],
          async ([name, item]) => [name, await mapFiles(item, change)] as const,
        ),
      );
    default:
      return value;
  }
}

async function inOrder<T, R>(items: readonly T[], change: (item: T) => Promise<R>): Promise<R[]> {
  const changed: R[] = [];
  for (const item of items) changed.push(await change(item));
  return changed;
}

/** Whether there is a File or Directory anywhere in the value. */
export function hasFiles(value: Value): boolean {
  switch (value.kind) {
    case 'File':
    case 'Directory':
      return true;
    case 'Array':
      return value.items.some(hasFiles);
    case 'Map':
      return [...value.entries.values()].some(([key, item]) => hasFiles(key) || hasFiles(item));
    case 'Pair':
      return hasFiles(value.left) || hasFiles(value.right);
    case 'Object':
      return [...value.members.values()].some(hasFiles);
    default:
      return false;
  }
}
