import type { FaultList } from './fault-list.ts';
import type { CwlType, OutputParameter, Sink, StepInput, Workflow, WorkflowStep } from './model.ts';
import { typeText } from './types.ts';

/** Notes links whose values can never be of the type that is wanted. What only may go wrong is left to the run. */
export function checkLinkTypes(workflow: Workflow, faults: FaultList): void {
  const source = sourceTypes(workflow);
  for (const step of workflow.steps) {
    for (const input of step.isUnreadable ? [] : step.inputs) {
      const given = input.valueFrom === undefined ? linkType(input, source) : undefined;
      const wanted = wantedBy(step, input);
      if (!given || !wanted || canFit(given, wanted)) continue;
      faults.add(
        input.position,
        `${input.sources[0]} is ${typeText(given)}; the input ${input.name} of step ${step.name} is ${typeText(wanted)}.`,
      );
    }
  }
  for (const output of workflow.outputs) checkOutput(output, source, faults);
}

function checkOutput(output: OutputParameter, source: SourceType, faults: FaultList): void {
  const given = output.sink && linkType(output.sink, source);
  if (!given || canFit(given, output.type)) return;
  const text = `${output.sink.sources[0]} is ${typeText(given)}; the output ${output.name} is ${typeText(output.type)}.`;
  faults.add(output.position, text);
}

type SourceType = (source: string) => CwlType | undefined;

function sourceTypes({ inputs, steps }: Workflow): SourceType {
  const types = new Map<string, CwlType>(inputs.map(({ name, type }) => [name, type]));
  for (const step of steps) {
    for (const { name, type } of step.isUnreadable ? [] : step.run.outputs)
      types.set(`${step.name}/${name}`, collected(step, type));
  }
  return (source) => types.get(source);
}

/** One list more for each scattered dimension, and for the iterations of a loop. */
function collected({ loop, scatter, scatterMethod }: WorkflowStep, type: CwlType): CwlType {
  const dimensions = scatterMethod === 'nested_crossproduct' ? scatter.length : Math.min(1, scatter.length);
  const lists = dimensions + (loop?.collects === 'all' ? 1 : 0);
  let found = type;
  for (let list = 0; list < lists; list += 1) found = { kind: 'array', items: found };
  return found;
}

/** Of a link from one source as it is; several are merged and picked from in ways that only values tell. */
function linkType({ linkMerge, pickValue, sources }: Sink, source: SourceType): CwlType | undefined {
  const [only, ...others] = sources;
  if (only === undefined || others.length > 0 || linkMerge || pickValue) return undefined;
  return source(only);
}

function wantedBy({ run, scatter }: WorkflowStep, { name }: StepInput): CwlType | undefined {
  const type = run.inputs.find((input) => input.name === name)?.type;
  return type && scatter.includes(name) ? { kind: 'array', items: type } : type;
}

const NUMBERS = new Set<CwlType['kind']>(['int', 'long', 'float', 'double']);

/** Whether some value of the one type is of the other. Null alone does not count: defaults take its place. */
function canFit(given: CwlType, wanted: CwlType): boolean {
  if (given.kind === 'Any' || wanted.kind === 'Any') return true;
  if (given.kind === 'union') return given.types.some((one) => one.kind === 'null' || canFit(one, wanted));
  if (wanted.kind === 'union') return wanted.types.some((one) => canFit(given, one));
  if (given.kind === 'null') return true;
  if (NUMBERS.has(given.kind) && NUMBERS.has(wanted.kind)) return true;
  if (given.kind === 'array' && wanted.kind === 'array') return canFit(given.items, wanted.items);
  const texts = ['string', 'enum'];
  return given.kind === wanted.kind || (texts.includes(given.kind) && texts.includes(wanted.kind));
}
