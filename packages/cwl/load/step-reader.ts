import { DocumentError, type Position, UnsupportedError } from '../faults.ts';
import { isObject, listOf, type ValueObject } from '../value.ts';
import { fragmentOf } from './documents.ts';
import { entries, localName, oneOf, optionalText, place } from './fields.ts';
import type { LoadListing, ProcessBase, StepInput, WorkflowStep } from './model.ts';
import type { ProcessReader, Surroundings } from './process-reader.ts';
import { readRequirements } from './requirements.ts';
import { readSink } from './sink.ts';

const METHODS = ['dotproduct', 'nested_crossproduct', 'flat_crossproduct'] as const;
const LISTINGS: readonly LoadListing[] = ['no_listing', 'shallow_listing', 'deep_listing'];

export async function readSteps(
  reader: ProcessReader,
  raw: ValueObject,
  base: ProcessBase,
  around: Surroundings,
): Promise<WorkflowStep[]> {
  const steps: WorkflowStep[] = [];
  for (const step of entries(raw['steps'], 'id', undefined, place(raw, 'steps', base.position))) {
    steps.push(await readStep(reader, step, base, around));
  }
  return steps;
}

async function readStep(
  reader: ProcessReader,
  step: ValueObject,
  base: ProcessBase,
  around: Surroundings,
): Promise<WorkflowStep> {
  const position = place(step, 'id', base.position);
  if (step['loop'] !== undefined)
    throw new UnsupportedError(place(step, 'loop', position), 'Loops are not supported.');
  const name = localName(step['id'], position);
  const requirements = readRequirements(step['requirements'], base.cwlVersion, position);
  const scatter = listOf(step['scatter']).map((one) => localName(one, position));
  const method = oneOf(step, 'scatterMethod', METHODS, position);
  if (scatter.length > 1 && !method)
    throw new DocumentError(position, 'scatter over several inputs needs "scatterMethod".');
  const when = optionalText(step, 'when', position);
  const inputs = await readInputs(reader, step, position);
  const unknown = scatter.find((one) => !inputs.some((input) => input.name === one));
  if (unknown !== undefined)
    throw new DocumentError(
      place(step, 'scatter', position),
      `scatter names ${unknown}, which is no input of the step.`,
    );
  return {
    ...{ name, inputs, requirements, scatter, position },
    outputs: readStepOutputs(step, position),
    hints: readRequirements(step['hints'], base.cwlVersion, position),
    run: await reader.run(step['run'], around, place(step, 'run', position), name),
    scatterMethod: method ?? 'dotproduct',
    ...(when === undefined ? {} : { when }),
  };
}

async function readInputs(reader: ProcessReader, step: ValueObject, near: Position): Promise<StepInput[]> {
  const inputs: StepInput[] = [];
  for (const input of entries(step['in'], 'id', 'source', place(step, 'in', near))) {
    const position = place(input, 'id', near);
    const valueFrom = optionalText(input, 'valueFrom', position);
    const loadListing = oneOf(input, 'loadListing', LISTINGS, position);
    const given = input['default'];
    inputs.push({
      ...readSink(input, 'source'),
      name: localName(input['id'], position),
      loadContents: input['loadContents'] === true,
      ...(loadListing ? { loadListing } : {}),
      ...(valueFrom === undefined ? {} : { valueFrom }),
      ...(given === undefined ? {} : { default: await reader.defaultValue(given, position) }),
      position,
    });
  }
  return inputs;
}

function readStepOutputs(step: ValueObject, near: Position): string[] {
  if (step['out'] === undefined)
    throw new DocumentError(near, 'A step needs "out"; one whose outputs nobody uses has [].');
  return listOf(step['out']).map((one) => {
    if (typeof one === 'string') return localName(fragmentOf(one), near);
    return localName(isObject(one) ? one['id'] : undefined, near);
  });
}
