import type { Position } from '../faults.ts';
import type { FaultList } from './fault-list.ts';
import { checkLinkTypes } from './link-types.ts';
import type { OutputParameter, Sink, StepInput, Workflow, WorkflowStep } from './model.ts';
import { isOptional, typeText } from './types.ts';

/** The workflow with every source written as `input` or `step/output`; what leads nowhere is noted. */
export function linked(workflow: Workflow, faults: FaultList): Workflow {
  const known = new Set(workflow.inputs.map(({ name }) => name));
  for (const step of workflow.steps) for (const output of step.outputs) known.add(`${step.name}/${output}`);
  const link = <T extends Sink>(sink: T): T => ({
    ...sink,
    sources: sink.sources.map((source) => resolve(source, known, sink.position, faults)),
  });
  const outputs = workflow.outputs.map((output): OutputParameter => {
    return output.sink ? { ...output, sink: link(output.sink) } : output;
  });
  const steps = workflow.steps.map((step): WorkflowStep => ({
    ...step,
    inputs: step.inputs.map((input): StepInput => link(input)),
  }));
  const found: Workflow = { ...workflow, outputs, steps };
  noteCycles(found, faults);
  for (const step of steps) noteInterface(step, faults);
  checkLinkTypes(found, faults);
  return found;
}

/** Identifiers of packed documents begin with those of the processes around: `main/step/out`. */
function resolve(source: string, known: ReadonlySet<string>, position: Position, faults: FaultList): string {
  const parts = source.split('/');
  const candidates = [source, parts.slice(-2).join('/'), parts.at(-1)!];
  const found = candidates.find((candidate) => known.has(candidate));
  if (found !== undefined) return found;
  const names = [...known].join(', ');
  faults.add(position, `The source ${source} is neither an input nor an output of a step (${names}).`);
  return source;
}

/** What a step says of its process: outputs that it has, inputs that it cannot do without. */
function noteInterface(step: WorkflowStep, faults: FaultList): void {
  if (step.isUnreadable) return;
  const { inputs, outputs } = step.run;
  for (const name of step.outputs) {
    if (outputs.some((output) => output.name === name)) continue;
    const names = outputs.map((output) => output.name).join(', ') || 'none';
    faults.add(step.outPosition, `Step ${step.name} has no output ${name}; what it runs has ${names}.`);
  }
  const given = new Set(step.inputs.map(({ name }) => name));
  for (const { default: fallback, name, type } of inputs) {
    if (given.has(name) || fallback !== undefined || isOptional(type)) continue;
    faults.add(
      step.position,
      `Step ${step.name} gives nothing for the required input ${name} (${typeText(type)}) of what it runs.`,
    );
  }
}

function noteCycles({ steps }: Workflow, faults: FaultList): void {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const visit = (step: WorkflowStep, above: readonly string[]): void => {
    if (above.includes(step.name)) {
      const circle = [...above.slice(above.indexOf(step.name)), step.name].join(' -> ');
      faults.add(step.position, `Step ${step.name} waits for itself: ${circle}.`);
      return;
    }
    if (done.has(step.name)) return;
    for (const source of step.inputs.flatMap(({ sources }) => sources)) {
      const before = source.includes('/') ? byName.get(source.split('/')[0]!) : undefined;
      if (before) visit(before, [...above, step.name]);
    }
    done.add(step.name);
  };
  for (const step of steps) visit(step, []);
}
