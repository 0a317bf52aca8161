import type { Process, Workflow, WorkflowStep } from '../load/model.ts';
import { typeText } from '../load/types.ts';

/** A workflow as boxes and lines: what `helicase cwl graph` prints and a console draws. */
export interface WorkflowGraph {
  readonly name: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly steps: readonly GraphStep[];
  readonly links: readonly GraphLink[];
}

export interface GraphPort {
  readonly name: string;
  /** As CWL writes it: `File[]?`. */
  readonly type: string;
}

export interface GraphStep {
  readonly name: string;
  readonly class: Process['class'];
  readonly scatter?: readonly string[];
  readonly when?: string;
  /** The condition of its loop. */
  readonly loopWhen?: string;
  /** Of a workflow in the workflow. */
  readonly graph?: WorkflowGraph;
}

/** From an input or `step/output` to `step/input` or an output. */
export interface GraphLink {
  readonly from: string;
  readonly to: string;
}

/** A tool alone is a workflow of one step. */
export function workflowGraph(process: Process): WorkflowGraph {
  const ports = {
    name: process.name,
    inputs: process.inputs.map(({ name, type }) => ({ name, type: typeText(type) })),
    outputs: process.outputs.map(({ name, type }) => ({ name, type: typeText(type) })),
  };
  if (process.class === 'Workflow')
    return { ...ports, steps: process.steps.map(graphStep), links: linksOf(process) };
  const step = process.name.split('/').at(-1)!;
  return {
    ...ports,
    steps: [{ name: step, class: process.class }],
    links: [
      ...ports.inputs.map(({ name }) => ({ from: name, to: `${step}/${name}` })),
      ...ports.outputs.map(({ name }) => ({ from: `${step}/${name}`, to: name })),
    ],
  };
}

function graphStep({ loop, name, run, scatter, when }: WorkflowStep): GraphStep {
  return {
    ...{ name, class: run.class },
    ...(scatter.length === 0 ? {} : { scatter }),
    ...(when === undefined ? {} : { when }),
    ...(loop ? { loopWhen: loop.when } : {}),
    ...(run.class === 'Workflow' ? { graph: workflowGraph(run) } : {}),
  };
}

function linksOf({ outputs, steps }: Workflow): GraphLink[] {
  const into = steps.flatMap((step) =>
    step.inputs.flatMap(({ name, sources }) => sources.map((from) => ({ from, to: `${step.name}/${name}` }))),
  );
  const out = outputs.flatMap(({ name, sink }) => (sink?.sources ?? []).map((from) => ({ from, to: name })));
  return [...into, ...out];
}
