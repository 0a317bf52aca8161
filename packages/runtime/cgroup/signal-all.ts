import { errorCode } from './files.ts';

/** Signals each process that is still there; the kernel's 0 (a process of another namespace) is left out. */
export function signalAll(processes: readonly number[], signal: NodeJS.Signals): void {
  for (const id of processes) {
    if (id > 1) signalOne(id, signal);
  }
}

/** Signals what is left of the process group that a program leads. */
export function signalProcessGroup(leader: number, signal: NodeJS.Signals): void {
  if (leader > 1) signalOne(-leader, signal);
}

function signalOne(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
