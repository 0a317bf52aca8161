import { Report } from '../check/report.ts';
import { resolveType, type TypeContext } from '../check/type-resolver.ts';
import type { Type } from '../check/type.ts';
import { TokenStream } from '../syntax/token-stream.ts';
import { parseType } from '../syntax/type-parser.ts';
import { parameterProblems } from './parameters.ts';

/** An input as `checkDefinition` told it: `Array[File]+`. */
export interface TypedInput {
  readonly name: string;
  readonly type: string;
}

/**
 * Every parameter that has not the type of its input, as a run would refuse it. What is left out is not looked at, nor
 * are the members of structs: only the document knows those, and the run looks at them when it is linked.
 */
export function parameterTypeProblems(
  inputs: readonly TypedInput[],
  parameters: Readonly<Record<string, unknown>>,
  lenient = false,
): readonly string[] {
  return inputs.flatMap(({ name, type }) => {
    const given = parameters[name] ?? undefined;
    return given === undefined ? [] : parameterProblems(given, typeOf(type), name, lenient);
  });
}

function typeOf(text: string): Type {
  const context: TypeContext = {
    ...{ version: '1.2', report: new Report() },
    // The names of structs are unknown here: whatever is given for one goes on.
    ...{ incomplete: true, struct: () => undefined },
  };
  return resolveType(parseType(new TokenStream('type', text)), context);
}
