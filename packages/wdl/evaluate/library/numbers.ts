import { checkedInt } from '../coerce.ts';
import { EvaluationError, float, type Value } from '../value.ts';
import { type LibraryFunction, numberOf } from './function.ts';

const rounding =
  (round: (value: number) => number): LibraryFunction =>
  ([value]) => {
    if (value!.kind === 'Int') return value!;
    const rounded = round(numberOf(value!));
    if (!Number.isFinite(rounded)) throw new EvaluationError('The number is not finite.');
    return checkedInt(BigInt(rounded));
  };

const choosing =
  (better: (a: number, b: number) => boolean): LibraryFunction =>
  ([a, b]) => {
    const [first, second] = [a!, b!];
    const chosen: Value = better(numberOf(first), numberOf(second)) ? first : second;
    return first.kind === second.kind ? chosen : float(numberOf(chosen));
  };

export const numberFunctions: Readonly<Record<string, LibraryFunction>> = {
  floor: rounding(Math.floor),
  ceil: rounding(Math.ceil),
  // "Round half up", below zero too: Math.round has just this rule.
  round: rounding(Math.round),
  min: choosing((a, b) => a <= b),
  max: choosing((a, b) => a >= b),
};
