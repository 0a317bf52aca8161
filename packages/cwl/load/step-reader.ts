import { DocumentError, type Position } from '../faults.ts';
import { isObject, listOf, type ValueObject } from '../value.ts';
import { checkRequirements } from './check-shape.ts';
import { fragmentOf } from './documents.ts';
import { noteStepFeatures, withFeatures } from './features.ts';
import { entries, localName, oneOf, optionalText, place } from './fields.ts';
import { readLoop } from './loop-reader.ts';
import type { LoadListing, Process, ProcessBase, Requirements, StepInput, WorkflowStep } from './model.ts';
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
  const near = place(raw, 'steps', base.position);
  const listed = reader.faults.attempt(() => entries(raw['steps'], 'id', undefined, near)) ?? [];
  for (const step of listed) {
    const read = await reader.faults.attemptLater(() => readStep(reader, step, base, around));
    if (read) {
      noteStepFeatures(read, around.features, reader.faults);
      steps.push(read);
    }
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
  const name = localName(step['id'], position);
  const inputs = await readInputs(reader, step, position);
  const runAt = place(step, 'run', position);
  const requirements = readOwn(reader, step, 'requirements', base, position);
  const hints = readOwn(reader, step, 'hints', base, position);
  const inner = { ...around, features: withFeatures(around.features, requirements, hints) };
  const run = await reader.faults.attemptLater(() => reader.run(step['run'], inner, runAt, name));
  const when = optionalText(step, 'when', position);
  const loop = readLoop(step, requirements, when, position);
  return {
    ...{ name, inputs, requirements, position, run: run ?? unreadable(base, position) },
    ...(run ? {} : { isUnreadable: true }),
    outputs: readStepOutputs(step, position),
    outPosition: place(step, 'out', position),
    hints,
    ...readScatter(step, inputs, position),
    ...(loop ? { loop } : when === undefined ? {} : { when }),
  };
}

/** What the fault list tells of stands for itself: the workflow around it is read on, and never runs. */
function unreadable(base: ProcessBase, position: Position): Process {
  return { ...base, class: 'ExpressionTool', expression: '', inputs: [], outputs: [], position };
}

function readOwn(
  { faults }: ProcessReader,
  step: ValueObject,
  member: 'requirements' | 'hints',
  { cwlVersion }: ProcessBase,
  position: Position,
): Requirements {
  const near = place(step, member, position);
  checkRequirements(step[member], member, { version: cwlVersion, faults, near });
  return readRequirements(step[member], near);
}

function readScatter(
  step: ValueObject,
  inputs: readonly StepInput[],
  position: Position,
): Pick<WorkflowStep, 'scatter' | 'scatterMethod'> {
  const at = place(step, 'scatter', position);
  const scatter = listOf(step['scatter']).map((one) => localName(one, at));
  const method = oneOf(step, 'scatterMethod', METHODS, position);
  if (scatter.length > 1 && !method)
    throw new DocumentError(at, 'scatter over several inputs needs "scatterMethod".');
  const unknown = scatter.find((one) => !inputs.some((input) => input.name === one));
  if (unknown !== undefined)
    throw new DocumentError(at, `scatter names ${unknown}, which is no input of the step.`);
  return { scatter, scatterMethod: method ?? 'dotproduct' };
}

async function readInputs(reader: ProcessReader, step: ValueObject, near: Position): Promise<StepInput[]> {
  const inputs: StepInput[] = [];
  for (const input of entries(step['in'], 'id', 'source', place(step, 'in', near))) {
    const position = place(input, 'id', near);
    const valueFrom = optionalText(input, 'valueFrom', position);
    const loadListing = oneOf(input, 'loadListing', LISTINGS, position);
    const given = input['default'];
    inputs.push({
      ...readSink(input, 'source', position),
      name: localName(input['id'], position),
      loadContents: input['loadContents'] === true,
      ...(loadListing ? { loadListing } : {}),
      ...(valueFrom === undefined ? {} : { valueFrom }),
      ...(given === undefined ? {} : { default: await reader.defaultValue(given, position) }),
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
