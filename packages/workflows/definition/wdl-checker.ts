import type { DefinitionChecker } from '../ports.ts';
import { CheckerProcesses } from './checker-processes.ts';
import { DefinitionProblem } from './definition-problem.ts';

const processes = new CheckerProcesses();

/** WDL, strict or as Cromwell tolerates it, checked in a process with limits of its own. */
export function wdlChecker(lenient: boolean): DefinitionChecker {
  return {
    async check({ files, main }) {
      try {
        return await processes.check({ files, main, lenient });
      } catch (error) {
        throw new DefinitionProblem(`The definition cannot be checked: ${(error as Error).message}.`);
      }
    },
  };
}
