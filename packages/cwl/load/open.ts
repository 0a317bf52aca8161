import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type DefinitionReader, Documents } from './documents.ts';
import type { Process } from './model.ts';
import { ProcessReader } from './process-reader.ts';

/** The main process, `file.cwl` or `file.cwl#name`; throws all that is wrong with the documents it is made of. */
export async function openMain(read: DefinitionReader, root: string, main: string): Promise<Process> {
  const [file = '', fragment] = main.split('#', 2);
  const reader = new ProcessReader(new Documents(read), root.replace(/\/$/, ''));
  const process = await reader.faults.attemptLater(() =>
    reader.open(file, fragment, { file, line: 1, column: 1 }),
  );
  reader.faults.throwAny();
  return process!;
}

/** Reads the files of a folder, and none that a link leads out of it to. */
export function definitionFolder(folder: string): DefinitionReader {
  return async (path) => {
    try {
      const root = await realpath(folder);
      const real = await realpath(join(root, path));
      const inside = root === sep || real.startsWith(root + sep);
      return inside ? await readFile(real, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  };
}
