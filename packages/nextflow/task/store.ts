import { join, relative } from 'node:path';
import type { Declared } from '../run/process-definition.ts';
import type { Session } from '../run/session.ts';
import type { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import type { Directives } from './directives.ts';
import type { TaskInputs } from './task-inputs.ts';
import { ABSENT, TaskOutputs } from './task-outputs.ts';
import type { TaskScope } from './task-scope.ts';
import type { Places } from './task-script.ts';
import { ScriptFault } from '../diagnostics/fault.ts';

interface Storing {
  readonly directives: Directives;
  readonly scope: TaskScope;
  readonly inputs: TaskInputs;
  readonly places: Places;
}

/** `storeDir`: the outputs, where all of them are kept there already. */
export function storedOutputs(
  { directives, inputs, places, scope }: Storing,
  outputs: readonly Declared[],
  session: Session,
  name: string,
): (Value | typeof ABSENT)[] | undefined {
  const folder = storeFolder(directives, session);
  if (folder === undefined || !session.files.stat(folder)) return undefined;
  const kept = new TaskOutputs({
    files: session.files,
    workDirectory: folder,
    stdout: () => '',
    inputs: inputs.files,
    inputFolder: places.inputs,
    scope,
    process: name,
    commands: [],
  });
  try {
    return outputs.map((output) => kept.item(output));
  } catch (error) {
    if (error instanceof ScriptFault && error.className === 'MissingFileException') return undefined;
    throw error;
  }
}

export function storeFolder(directives: Directives, session: Session): string | undefined {
  const given = directives.get('storeDir') ?? null;
  return given === null ? undefined : session.storeFolder(text(given));
}

/** Moves what a task made to where it is kept, and gives it from there. */
export function store(
  attempt: Storing,
  found: readonly FilePath[],
  workDirectory: string,
  outputs: readonly Declared[],
  session: Session,
  name: string,
): (Value | typeof ABSENT)[] | undefined {
  const folder = storeFolder(attempt.directives, session);
  if (folder === undefined) return undefined;
  for (const file of found) {
    const target = join(folder, relative(workDirectory, file.location));
    if (!session.files.stat(target)) file.files.copy(file.location, target);
  }
  const kept = new TaskOutputs({
    files: session.files,
    workDirectory: folder,
    stdout: () => '',
    inputs: attempt.inputs.files,
    inputFolder: attempt.places.inputs,
    scope: attempt.scope,
    process: name,
    commands: [],
  });
  return outputs.map((output) => kept.item(output));
}
