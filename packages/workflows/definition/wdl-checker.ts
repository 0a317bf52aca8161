import type { DefinitionChecker } from '../ports.ts';
import type { CheckRequest } from './check-process.ts';
import { CheckerProcesses } from './checker-processes.ts';
import { DefinitionProblem } from './definition-problem.ts';

const processes = new CheckerProcesses();

/** WDL, strict or as Cromwell tolerates it, checked in a process with limits of its own. */
export function wdlChecker(lenient: boolean): DefinitionChecker {
  return processChecker({ lenient });
}

/** CWL, checked in the same processes. */
export function cwlChecker(): DefinitionChecker {
  return processChecker({ lenient: false, language: 'CWL' });
}

/** Nextflow, checked in the same processes. */
export function nextflowChecker(): DefinitionChecker {
  return processChecker({ lenient: false, language: 'NEXTFLOW' });
}

function processChecker(how: Pick<CheckRequest, 'language' | 'lenient'>): DefinitionChecker {
  return {
    async check({ files, main }) {
      try {
        return await processes.check({ files, main, ...how });
      } catch (error) {
        throw new DefinitionProblem(`The definition cannot be checked: ${(error as Error).message}.`);
      }
    },
  };
}
