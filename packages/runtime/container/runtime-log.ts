import { readFile } from 'node:fs/promises';

/** How runc and crun say that `run` came to nothing: one JSON object a line. */
const ERROR = /"level":"error"/;
const MESSAGE = /"level":"error","msg":("(?:[^"\\]|\\.)*")/g;

/** What the runtime logged; `error` where it failed. Undefined where it never began. */
export async function readRuntimeLog(path: string): Promise<{ readonly error?: string } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  if (!ERROR.test(text)) return {};
  const last = [...text.matchAll(MESSAGE)].at(-1)?.[1];
  return { error: last === undefined ? '' : (JSON.parse(last) as string) };
}
