import { shown } from '../check-value.ts';
import { EvaluationError } from '../faults.ts';
import type { Evaluator } from '../expression/evaluator.ts';
import type { ValueObject } from '../value.ts';

/** The answer of an expression that must be true or false. */
export function condition(
  name: string,
  expression: string,
  inputs: ValueObject,
  evaluator: Evaluator,
): boolean {
  const answer = evaluator.evaluate(expression, { inputs, self: null, runtime: {} });
  if (typeof answer === 'boolean') return answer;
  throw new EvaluationError(`"${name}" must be true or false; it is ${shown(answer)}.`);
}
