/**
 * Enters control groups and becomes another program: the user's code must never have run outside of its limits, and
 * Node cannot place a child before it starts. The script is fixed; paths and the command come as arguments, so that
 * nothing of theirs is ever read as shell. Core files are switched off: they would leave the task's limits and folder.
 */
const SCRIPT =
  'ulimit -c 0; [ "$1" = - ] || ulimit -f "$1" || exit 125; shift; n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"';

export const SHELL = '/bin/sh';

/** The unit of `ulimit -f` in a POSIX shell. */
const BLOCK = 512;

/** Arguments for `/bin/sh` that run `command` inside the groups with these entrances; no file may pass `fileBytes`. */
export function enterGroup(
  entrances: readonly string[],
  command: readonly string[],
  fileBytes?: number,
): string[] {
  const blocks = fileBytes === undefined ? '-' : String(Math.floor(fileBytes / BLOCK));
  return ['-c', SCRIPT, 'sh', blocks, String(entrances.length), ...entrances, ...command];
}
