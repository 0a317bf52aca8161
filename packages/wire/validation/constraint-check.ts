import type { MemberConstraint } from '../operation.ts';

/** The sentence that a value breaks, or undefined. */
export type ConstraintCheck = (value: unknown) => string | undefined;

/**
 * AWS's sentences for each bound, in the order AWS lists them. A pattern is tried only on text of an allowed length.
 * Lengths of text count code points, as Smithy's length trait does. Numbers with bounds are whole in the model.
 */
export function constraintChecks(constraint: MemberConstraint | undefined): readonly ConstraintCheck[] {
  if (!constraint) return [];
  const checks: ConstraintCheck[] = [];
  const { min, max, pattern } = constraint;
  if (min !== undefined || max !== undefined) checks.push(isWhole);
  if (min !== undefined) checks.push((value) => below(measure(value), min));
  if (max !== undefined) checks.push((value) => above(measure(value), max));
  if (pattern !== undefined) checks.push(patternCheck(pattern, max));
  if (constraint.enum) checks.push(enumCheck(constraint.enum));
  return checks;
}

interface Measured {
  readonly what: 'length' | 'value';
  readonly size: number;
}

function measure(value: unknown): Measured | undefined {
  if (typeof value === 'number') return { what: 'value', size: value };
  if (typeof value === 'string') return { what: 'length', size: codePoints(value) };
  if (Array.isArray(value) || value instanceof Uint8Array) return { what: 'length', size: value.length };
  if (typeof value === 'object' && value !== null) return { what: 'length', size: Object.keys(value).length };
  return undefined;
}

function below(measured: Measured | undefined, min: number): string | undefined {
  if (!measured || measured.size >= min) return undefined;
  return `Member must have ${measured.what} greater than or equal to ${min}`;
}

function above(measured: Measured | undefined, max: number): string | undefined {
  if (!measured || measured.size <= max) return undefined;
  return `Member must have ${measured.what} less than or equal to ${max}`;
}

function isWhole(value: unknown): string | undefined {
  return typeof value === 'number' && !Number.isInteger(value) ? 'Member must be an integer' : undefined;
}

function patternCheck(pattern: string, max: number | undefined): ConstraintCheck {
  const expression = new RegExp(`^(?:${pattern})$`, 'u');
  return (value) => {
    if (typeof value !== 'string' || (max !== undefined && value.length > 2 * max)) return undefined;
    return expression.test(value) ? undefined : `Member must satisfy regular expression pattern: ${pattern}`;
  };
}

function enumCheck(values: readonly string[]): ConstraintCheck {
  const allowed = new Set<unknown>(values);
  return (value) =>
    allowed.has(value) ? undefined : `Member must satisfy enum value set: [${values.join(', ')}]`;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
