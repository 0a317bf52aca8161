/** The thread in which one definition is checked: whatever it does to the checker, the server goes on. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkDefinition } from '@helicase/wdl';
import type { CheckedDefinition } from '../ports.ts';

export interface CheckThreadData {
  readonly files: ReadonlyMap<string, string>;
  readonly main: string;
  readonly lenient: boolean;
}

const { files, lenient, main } = workerData as CheckThreadData;
const { diagnostics, inputs } = await checkDefinition({
  files: async (path) => files.get(path),
  main,
  lenient,
});
const checked: CheckedDefinition = {
  inputs: inputs.map(({ description, name, optional, type }) => ({
    name,
    type,
    optional,
    ...(description === undefined ? {} : { description }),
  })),
  diagnostics: diagnostics.map(({ excerpt, message, position: { column, file, line }, severity }) => ({
    severity: severity === 'error' ? 'error' : 'warning',
    ...{ message, file, line, column },
    ...(excerpt === undefined ? {} : { excerpt }),
  })),
};
parentPort!.postMessage(checked);
