import type { OperationConstraints } from '../operation.ts';
import type { Member, Shape, StructureShape } from '../schema/shape.ts';
import { type ConstraintCheck, constraintChecks } from './constraint-check.ts';
import { display } from './display.ts';

/** The faults of an input against schema and constraint table; empty where there are none. */
export type Validator = (input: Readonly<Record<string, unknown>>) => readonly string[];

/** Checks one place of the input; `at` is its path as AWS writes it (`sources.1.member.name`). */
type Check = (value: unknown, at: string, faults: string[]) => void;

/** Compiles the checks of one operation. Nested places are compiled when a value first reaches them. */
export function compileValidator(input: StructureShape, constraints: OperationConstraints): Validator {
  const check = structureCheck(input, '', constraints);
  return (value) => {
    const faults: string[] = [];
    check(value, '', faults);
    return faults;
  };
}

function memberCheck(member: Member, key: string, constraints: OperationConstraints): Check {
  const checks = constraintChecks(constraints[key]);
  const sensitive = Boolean(member.traits['sensitive']);
  let inner: Check | undefined;
  return (value, at, faults) => {
    const shown = sensitive ? '***sensitive***' : display(value);
    for (const sentence of broken(checks, value)) faults.push(fault(`Value '${shown}'`, at, sentence));
    (inner ??= innerCheck(member.shape, key, constraints))(value, at, faults);
  };
}

function innerCheck(shape: Shape, key: string, constraints: OperationConstraints): Check {
  if (shape.kind === 'structure') return structureCheck(shape, `${key}.`, constraints);
  if (shape.kind === 'list') return listCheck(shape.element, `${key}[]`, constraints);
  if (shape.kind === 'map') return mapCheck(shape.value, key, constraints);
  return () => {};
}

function structureCheck(shape: StructureShape, prefix: string, constraints: OperationConstraints): Check {
  const members = shape.members.map((member) => ({
    member,
    check: memberCheck(member, prefix + member.name, constraints),
  }));
  return (value, at, faults) => {
    const given = value as Readonly<Record<string, unknown>>;
    for (const { member, check } of members) {
      const path = at === '' ? member.name : `${at}.${member.name}`;
      const item = given[member.name];
      if (item !== undefined) check(item, path, faults);
      else if (member.required) faults.push(fault('Value null', path, 'Member must not be null'));
    }
    if (shape.union) unionCheck(shape, given, at, faults);
  };
}

function unionCheck(
  shape: StructureShape,
  given: Readonly<Record<string, unknown>>,
  at: string,
  faults: string[],
): void {
  const set = shape.members.filter(({ name }) => given[name] !== undefined);
  if (set.length === 1) return;
  const names = shape.members.map(({ name }) => name).join(', ');
  faults.push(fault(`Value '${display(given)}'`, at, `Member must have exactly one of [${names}]`));
}

function listCheck(element: Member, key: string, constraints: OperationConstraints): Check {
  const check = memberCheck(element, key, constraints);
  return (value, at, faults) => {
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      const path = `${at}.${index + 1}.member`;
      if (item === null) faults.push(fault('Value null', path, 'Member must not be null'));
      else check(item, path, faults);
    }
  };
}

function mapCheck(value: Member, key: string, constraints: OperationConstraints): Check {
  const keyChecks = constraintChecks(constraints[`${key}{key}`]);
  const valueCheck = memberCheck(value, `${key}{}`, constraints);
  return (map, at, faults) => {
    for (const [name, item] of Object.entries(map as Readonly<Record<string, unknown>>)) {
      for (const sentence of broken(keyChecks, name)) {
        faults.push(fault(`Map key '${display(name)}'`, at, sentence));
      }
      const path = `${at}.${display(name)}`;
      if (item === null) faults.push(fault('Value null', path, 'Member must not be null'));
      else valueCheck(item, path, faults);
    }
  };
}

function broken(checks: readonly ConstraintCheck[], value: unknown): readonly string[] {
  return checks.map((check) => check(value)).filter((sentence) => sentence !== undefined);
}

function fault(what: string, at: string, sentence: string): string {
  return `${what} at '${at}' failed to satisfy constraint: ${sentence}`;
}
