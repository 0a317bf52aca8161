import { type CheckRequest, linkDefinition } from '../check/check.ts';
import { readParameters } from './parameters.ts';

export interface ParameterRequest extends CheckRequest {
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Everything that is wrong with a run's parameters, as StartRun reports it at once; empty where they fit. A definition
 * that has errors itself has no inputs to compare with and gives none.
 */
export async function checkParameters({
  parameters,
  ...definition
}: ParameterRequest): Promise<readonly string[]> {
  const { workflow } = await linkDefinition(definition);
  return workflow ? readParameters(workflow, parameters, definition.lenient).problems : [];
}
