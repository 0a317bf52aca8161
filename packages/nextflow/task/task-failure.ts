import { ScriptFault } from '../diagnostics/fault.ts';
import type { ProcessRun } from '../run/process-run.ts';
import { fault } from '../values/errors.ts';
import { caught } from '../values/exception.ts';
import { text } from '../values/text.ts';
import { errorReport } from './error-report.ts';
import type { Attempt } from './task-attempt.ts';

const STRATEGIES = ['terminate', 'finish', 'ignore', 'retry'] as const;
type Strategy = (typeof STRATEGIES)[number];

/** Faults of what a task made; others are the script's, which no other attempt mends. */
const OF_TASKS = [
  'MissingFileException',
  'MissingValueException',
  'IllegalArityException',
  'ProcessException',
];

export interface TaskFacts {
  readonly process: ProcessRun;
  readonly name: string;
  /** `ab/cdef01`. */
  readonly hash: string;
}

/** Whether there is another attempt; fails the run where the failure is not to be borne. */
export async function retries(facts: TaskFacts, attempt: Attempt, error: unknown): Promise<boolean> {
  const { hash, process } = facts;
  const { session } = process.component;
  const cause = error instanceof Error ? error.message : text(caught(error).value);
  attempt.task.setProperty('exitStatus', attempt.outcome?.exitCode ?? -1);
  const isOfTask =
    attempt.outcome !== undefined || (error instanceof ScriptFault && OF_TASKS.includes(error.className));
  const strategy = isOfTask ? strategyOf(attempt, process) : 'terminate';
  const number = (name: string, otherwise: number) => Number(attempt.directives.get(name) ?? otherwise);
  const [maxErrors, errors] = [number('maxErrors', -1), session.countError(process.name)];
  const mayRetry = attempt.number <= number('maxRetries', 1) && (maxErrors < 0 || errors <= maxErrors);
  if (strategy === 'retry' && mayRetry) {
    session.retried();
    session.note(`[${hash}] NOTE: ${cause} -- Execution is retried (${attempt.number})`);
    return true;
  }
  if (strategy === 'ignore') {
    session.note(`[${hash}] NOTE: ${cause} -- Error is ignored`);
    session.ignored();
    return false;
  }
  await session.failTask({
    ...{ error, report: reportOf(facts, attempt, error, cause), name: process.name },
    ...{ exitCode: attempt.outcome?.exitCode, outcome: attempt.outcome, finish: strategy === 'finish' },
  });
  return false;
}

function strategyOf({ directives }: Attempt, { component }: ProcessRun): Strategy {
  const given = text(directives.get('errorStrategy') ?? 'terminate').toLowerCase();
  const found = STRATEGIES.find((each) => each === given);
  if (found) return found;
  throw component.machine.located(
    fault(`Unknown errorStrategy "${given}". Use one of ${STRATEGIES.join(', ')}.`),
    component.definition.place,
  );
}

function reportOf({ name, process }: TaskFacts, attempt: Attempt, error: unknown, cause: string): string {
  const { definition, machine } = process.component;
  machine.located(error, definition.place);
  const place = machine.source.position(Math.floor(definition.place / 65_536));
  return errorReport(
    { name, script: attempt.script, place: `${place.file}:${place.line}:${place.column}` },
    error instanceof ScriptFault && error.className !== 'ProcessFailedException' ? error.describe() : cause,
    attempt.outcome,
  );
}
