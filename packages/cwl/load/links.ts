import { DocumentError, type Position } from '../faults.ts';
import type { OutputParameter, Sink, StepInput, Workflow, WorkflowStep } from './model.ts';

/** The workflow with every source written as `input` or `step/output`; DocumentError where one leads nowhere. */
export function linked(workflow: Workflow): Workflow {
  const known = new Set(workflow.inputs.map(({ name }) => name));
  for (const step of workflow.steps) for (const output of step.outputs) known.add(`${step.name}/${output}`);
  const outputs = workflow.outputs.map((output): OutputParameter => {
    return output.sink ? { ...output, sink: linkSink(output.sink, known, output.position) } : output;
  });
  const steps = workflow.steps.map((step): WorkflowStep => {
    const inputs = step.inputs.map((input): StepInput => ({
      ...input,
      ...linkSink(input, known, input.position),
    }));
    return { ...step, inputs };
  });
  const found: Workflow = { ...workflow, outputs, steps };
  refuseCycles(found);
  return found;
}

function linkSink(sink: Sink, known: ReadonlySet<string>, position: Position): Sink {
  return { ...sink, sources: sink.sources.map((source) => resolve(source, known, position)) };
}

/** Identifiers of packed documents begin with those of the processes around: `main/step/out`. */
function resolve(source: string, known: ReadonlySet<string>, position: Position): string {
  const parts = source.split('/');
  const candidates = [source, parts.slice(-2).join('/'), parts.at(-1)!];
  const found = candidates.find((candidate) => known.has(candidate));
  if (found !== undefined) return found;
  const names = [...known].join(', ');
  throw new DocumentError(
    position,
    `The source ${source} is neither an input nor an output of a step (${names}).`,
  );
}

function refuseCycles({ steps }: Workflow): void {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const visit = (step: WorkflowStep, above: readonly string[]): void => {
    if (above.includes(step.name)) {
      throw new DocumentError(
        step.position,
        `Step ${step.name} waits for itself: ${[...above, step.name].join(' -> ')}.`,
      );
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
