import { fault } from '../values/errors.ts';
import type { FilePath } from '../values/path.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { Network } from './network.ts';

/** What operators need of the run: where to print, where to write files. */
export interface OperatorSession {
  print(line: string, newLine: boolean): void;
  path(location: string): FilePath;
  /** A new folder for files that operators write. */
  temporaryFolder(): string;
  /** What sorts a file by when the task that made it ended; undefined where no task did. */
  madeAt(location: string): string | undefined;
  readonly dumpChannels: 'all' | readonly string[] | undefined;
}

const sessions = new WeakMap<Network, OperatorSession>();

export function openSession(network: Network, session: OperatorSession): void {
  sessions.set(network, session);
}

export function session(network: Network): OperatorSession {
  const found = sessions.get(network);
  if (!found) throw new Error('The network has no session.');
  return found;
}

/** Calls a process, a workflow or a waiting operator on channels. */
export function callOnChannels(callee: Value, channels: readonly Value[]): Value {
  if (callee instanceof GroovyObject) {
    const result = callee.invoke('call', channels);
    if (result !== undefined) return result;
  }
  throw fault('After "|" comes a process, a workflow or an operator.');
}
