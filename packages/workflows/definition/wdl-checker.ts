import { Worker } from 'node:worker_threads';
import type { CheckedDefinition, DefinitionChecker } from '../ports.ts';
import type { CheckThreadData } from './check-thread.ts';
import { DefinitionProblem } from './definition-problem.ts';

/** A definition that takes longer than this, or more memory, was not written by a person. */
const MILLISECONDS = 60_000;
const HEAP_MEBIBYTES = 1024;

/** WDL, strict or as Cromwell tolerates it, checked in a thread with limits of its own. */
export function wdlChecker(lenient: boolean): DefinitionChecker {
  return {
    check: ({ files, main }) => checkInThread({ files, main, lenient }),
  };
}

function checkInThread(workerData: CheckThreadData): Promise<CheckedDefinition> {
  const thread = new Worker(new URL('./check-thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  });
  const late = setTimeout(() => void thread.terminate(), MILLISECONDS);
  return new Promise<CheckedDefinition>((resolve, reject) => {
    const refuse = (why: string) =>
      reject(new DefinitionProblem(`The definition cannot be checked: ${why}.`));
    thread.once('message', resolve);
    thread.once('error', (error) => refuse(error instanceof Error ? error.message : String(error)));
    thread.once('exit', () => refuse(`it takes longer than ${MILLISECONDS / 1000} seconds`));
  }).finally(() => clearTimeout(late));
}
