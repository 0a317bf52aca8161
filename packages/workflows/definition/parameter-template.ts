import { parseImageReference } from '@helicase/runtime';
import type { DefinitionInput } from '../ports.ts';
import { given } from '../given.ts';
import { DefinitionProblem } from './definition-problem.ts';

/** The guide's "Parameter templates": by the input's name. Anything else in it is ignored. */
export interface TemplateParameter {
  readonly description?: string;
  readonly optional?: boolean;
}
export type ParameterTemplate = Readonly<Record<string, TemplateParameter>>;

/** The template in a file of the definition. */
export function readTemplate(json: Buffer, path: string): ParameterTemplate {
  const refuse = (what: string) =>
    new DefinitionProblem(`parameterTemplatePath ${path} holds no parameter template: ${what}.`);
  let template: unknown;
  try {
    template = JSON.parse(json.toString('utf8'));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (typeof template !== 'object' || template === null || Array.isArray(template)) {
    throw refuse('it is no JSON object');
  }
  const entries = Object.entries(template as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const { description, optional } = (value ?? {}) as Readonly<Record<string, unknown>>;
      if (description !== undefined && typeof description !== 'string')
        throw refuse(`the description of "${name}" is no text`);
      if (optional !== undefined && typeof optional !== 'boolean')
        throw refuse(`"optional" of "${name}" is neither true nor false`);
      return [name, given({ description, optional })];
    }),
  );
}

/** The template that a definition without one gets. */
export function deriveTemplate(inputs: readonly DefinitionInput[]): ParameterTemplate {
  return Object.fromEntries(
    inputs.map(({ description, name, optional }) => [
      name,
      { ...(description ? { description } : {}), optional },
    ]),
  );
}

/** The template where these parameters have values from elsewhere. */
export function withOptional(template: ParameterTemplate, names: readonly string[]): ParameterTemplate {
  const entries = Object.entries(template);
  return Object.fromEntries(
    entries.map(([name, one]) => [name, names.includes(name) ? { ...one, optional: true } : one]),
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
  const images = inputs
    .filter(({ isImage, name }) => isImage && given(name) && !isImageName(parameters[name]))
    .map(
      ({ name }) => `"${name}" must be the URI of a container image, not ${JSON.stringify(parameters[name])}`,
    );
  return [...missing, ...unknown, ...images];
}

function isImageName(value: unknown): boolean {
  return typeof value === 'string' && parseImageReference(value) !== undefined;
}
