import { EvaluationError } from '../faults.ts';
import type { Evaluator, Scope } from '../expression/evaluator.ts';
import { hasExpression } from '../expression/scan.ts';
import { secondaryName, siblingLocation } from '../files/names.ts';
import type { SecondaryFile } from '../load/model.ts';
import { isFileOrDirectory, listOf, textOf, type Value, type ValueObject } from '../value.ts';
import { describeFile } from './describe-file.ts';
import type { RunContext } from './run-context.ts';

/** What a pattern asks for beside a file: names, or files that an expression made. */
export function wantedBeside(
  file: ValueObject,
  pattern: string,
  evaluator: Evaluator,
  scope: Scope,
): Value[] {
  if (!hasExpression(pattern)) return [secondaryName(textOf(file['basename'])!, pattern)];
  return listOf(evaluator.evaluate(pattern, { ...scope, self: file }));
}

export function isRequired(
  { required }: SecondaryFile,
  file: ValueObject,
  evaluator: Evaluator,
  scope: Scope,
): boolean {
  const value =
    typeof required === 'string' ? evaluator.evaluate(required, { ...scope, self: file }) : required;
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  throw new EvaluationError(
    `"required" of secondaryFiles must be true or false; it is ${JSON.stringify(value)}.`,
  );
}

/** Completes an input's secondary files: finds them beside it where `discover`, and refuses it without the required ones. */
export async function addSecondaryFiles(
  file: ValueObject,
  { discover, patterns }: { readonly patterns: readonly SecondaryFile[]; readonly discover: boolean },
  evaluator: Evaluator,
  scope: Scope,
  context: RunContext,
): Promise<void> {
  if (patterns.length === 0) return;
  const present = listOf(file['secondaryFiles']);
  const has = (name: string) => present.some((one) => isFileOrDirectory(one) && one['basename'] === name);
  for (const pattern of patterns) {
    for (const wanted of wantedBeside(file, pattern.pattern, evaluator, scope)) {
      if (isFileOrDirectory(wanted)) {
        const described = await describeFile(wanted, context);
        if (!has(textOf(described['basename'])!)) present.push(described);
      } else if (typeof wanted === 'string' && !has(wanted)) {
        const found = discover ? await beside(file, wanted, context) : undefined;
        if (found) present.push(found);
        else if (isRequired(pattern, file, evaluator, scope)) {
          throw new EvaluationError(
            `${String(file['basename'])} needs the secondary file ${wanted}, which is not there.`,
          );
        }
      }
    }
  }
  file['secondaryFiles'] = present;
}

async function beside(
  file: ValueObject,
  name: string,
  context: RunContext,
): Promise<ValueObject | undefined> {
  const location = textOf(file['location']);
  if (location === undefined) return undefined;
  const sibling = siblingLocation(location, name);
  const facts = await context.files.facts(sibling);
  if (!facts) return undefined;
  return describeFile(
    { class: facts.isDirectory ? 'Directory' : 'File', location: sibling, basename: name },
    context,
  );
}
