import type { DefinitionInput } from '../ports.ts';

/** The guide's "Parameter templates": by the input's name. Anything else in it is ignored. */
export interface TemplateParameter {
  readonly description?: string;
  readonly optional?: boolean;
}
export type ParameterTemplate = Readonly<Record<string, TemplateParameter>>;

/** The template that a definition without one gets. */
export function deriveTemplate(inputs: readonly DefinitionInput[]): ParameterTemplate {
  return Object.fromEntries(
    inputs.map(({ description, name, optional }) => [
      name,
      { ...(description ? { description } : {}), optional },
    ]),
  );
}

/** The message for names that the workflow does not have: the guide's own tutorial has two, so it is no failure. */
export function templateRemark(
  template: ParameterTemplate | undefined,
  inputs: readonly DefinitionInput[],
): string | undefined {
  const known = new Set(inputs.map(({ name }) => name));
  const unknown = Object.keys(template ?? {}).filter((name) => !known.has(name));
  if (unknown.length === 0) return undefined;
  return (
    `The parameter template names ${unknown.join(', ')}, which the workflow does not declare as input. ` +
    `Its inputs are: ${inputs.map(({ name }) => name).join(', ') || 'none'}.`
  );
}

/** Everything that is wrong with a run's parameters, at once. */
export function parameterProblems(
  parameters: Readonly<Record<string, unknown>>,
  template: ParameterTemplate,
  inputs: readonly DefinitionInput[],
): readonly string[] {
  const declared = new Map(inputs.map((input) => [input.name, input]));
  const given = (name: string) => parameters[name] !== undefined && parameters[name] !== null;
  const missing = inputs
    .filter(({ name, optional }) => !given(name) && (!optional || template[name]?.optional === false))
    .map(({ name, type }) => `required parameter "${name}" (${type}) is missing`);
  const unknown = Object.keys(parameters)
    .filter((name) => !declared.has(name) && !(name in template))
    .map((name) => `"${name}" is not a parameter of the workflow`);
  return [...missing, ...unknown];
}
