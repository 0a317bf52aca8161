import { at, type Position } from '../faults.ts';
import type { Evaluator } from '../expression/evaluator.ts';
import type { Loop, LoopInput, WorkflowStep } from '../load/model.ts';
import { setMember, type Value, type ValueObject } from '../value.ts';
import { condition } from './condition.ts';
import { merged } from './links.ts';

export interface LoopedStep {
  readonly step: WorkflowStep;
  readonly loop: Loop;
  readonly evaluator: Evaluator;
  readonly call: string;
  places(expression: string): Position | undefined;
  /** One iteration, at a call of its own. */
  run(job: ValueObject, call: string): Promise<ValueObject>;
}

/**
 * Runs the step while its condition holds, each time with what the outputs of the time before make of its inputs.
 * Without any iteration outputs are null, or empty lists where all are collected.
 */
export async function iterate(looped: LoopedStep, first: ValueObject): Promise<ValueObject> {
  const { call, evaluator, loop, places, step } = looped;
  const results: ValueObject[] = [];
  let job = first;
  while (await at(step.position, () => condition('loopWhen', loop.when, job, evaluator), places)) {
    const outputs = await looped.run(job, `${call}[${results.length}]`);
    results.push(outputs);
    job = await at(step.position, () => nextJob(loop, job, outputs, evaluator), places);
  }
  return collected(looped, results);
}

/** Inputs that the loop does not name stay as they were. */
function nextJob(
  { inputs }: Loop,
  job: ValueObject,
  outputs: ValueObject,
  evaluator: Evaluator,
): ValueObject {
  const linked: ValueObject = { ...job };
  for (const input of inputs) setMember(linked, input.name, linkedValue(input, job, outputs));
  const next: ValueObject = { ...linked };
  // "inputs are those of the iteration before; self is null where there is no loopSource"
  for (const { name, sources, valueFrom } of inputs) {
    if (valueFrom === undefined) continue;
    const self = sources.length === 0 ? null : (linked[name] ?? null);
    setMember(next, name, evaluator.evaluate(valueFrom, { inputs: job, self, runtime: {} }));
  }
  return next;
}

function linkedValue(input: LoopInput, job: ValueObject, outputs: ValueObject): Value {
  const values = input.sources.map((source) => outputs[source] ?? null);
  const value = merged(input, values);
  if (value === undefined) return input.default ?? job[input.name] ?? null;
  return value === null ? (input.default ?? null) : value;
}

function collected({ loop, step }: LoopedStep, results: readonly ValueObject[]): ValueObject {
  const outputs: ValueObject = {};
  for (const name of step.outputs) {
    const all = results.map((result) => result[name] ?? null);
    setMember(outputs, name, loop.collects === 'all' ? all : (all.at(-1) ?? null));
  }
  return outputs;
}
