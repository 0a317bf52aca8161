import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { NextflowCommand } from './arguments.ts';
import type { History } from './history.ts';
import { chosenRuns } from './log.ts';

/** `clean`: removes the work folders of runs, but never those that a later run took over. */
export function clean(command: NextflowCommand, history: History): number {
  if (command.force === command.dryRun) {
    console.error('Say -n to see what "clean" would remove, or -f to remove it.');
    return 1;
  }
  const chosen = chosenRuns(command, history);
  const names = new Set(chosen.map(({ runName }) => runName));
  const inUse = new Set(
    history
      .runs()
      .filter(({ runName }) => !names.has(runName))
      .flatMap(({ runName }) => folders(history, runName)),
  );
  for (const { runName } of chosen) {
    for (const folder of folders(history, runName)) {
      if (inUse.has(folder) || !existsSync(folder)) continue;
      if (!command.quiet) console.log(`${command.dryRun ? 'Would remove' : 'Removed'} ${folder}`);
      if (command.force) rmSync(folder, { recursive: true, force: true });
    }
    if (command.force) history.forget(runName);
  }
  return 0;
}

/** Each attempt's folder, which holds its work folder and its streams. */
function folders(history: History, runName: string): string[] {
  return history.tasks(runName).flatMap(({ workdir }) => (workdir === undefined ? [] : [dirname(workdir)]));
}
