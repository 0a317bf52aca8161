import type { GraphPort, GraphStep, WorkflowGraph } from './workflow-graph.ts';

/** The graph for Graphviz: workflows in the workflow are boxes around their steps. */
export function dotText(graph: WorkflowGraph): string {
  return ['digraph workflow {', '  node [shape=box];', ...body(graph, '', '  '), '}', ''].join('\n');
}

function body(graph: WorkflowGraph, path: string, indent: string): string[] {
  return [
    ...graph.inputs.map((port) => `${indent}${portNode(port, `${path}in/`)}`),
    ...graph.steps.flatMap((step) => stepLines(step, path, indent)),
    ...graph.outputs.map((port) => `${indent}${portNode(port, `${path}out/`)}`),
    ...graph.links.map(({ from, to }) => {
      const line = `${end(graph, from, path, 'out')} -> ${end(graph, to, path, 'in')}`;
      return `${indent}${line};`;
    }),
  ];
}

function portNode({ name, type }: GraphPort, path: string): string {
  return `${quote(path + name)} [label=${quote(`${name}\n${type}`)}, shape=ellipse];`;
}

function stepLines(step: GraphStep, path: string, indent: string): string[] {
  const label = [step.name, ...notes(step)].join('\n');
  const node = `${indent}${quote(path + step.name)} [label=${quote(label)}];`;
  if (!step.graph) return [node];
  const inner = `${path}${step.name}/`;
  const inside = `${indent}  `;
  return [
    `${indent}subgraph ${quote(`cluster_${inner}`)} {`,
    `${inside}label=${quote(label)};`,
    ...body(step.graph, inner, inside),
    `${indent}}`,
  ];
}

function notes({ loopWhen, scatter, when }: GraphStep): string[] {
  return [
    ...(scatter ? [`scatter: ${scatter.join(', ')}`] : []),
    ...(when === undefined ? [] : [`when: ${when}`]),
    ...(loopWhen === undefined ? [] : [`while: ${loopWhen}`]),
  ];
}

/** The node at one end of a link: a port of this workflow, a step, or the port of a workflow in it. */
function end(graph: WorkflowGraph, name: string, path: string, side: 'in' | 'out'): string {
  const [step, port] = name.split('/') as [string, string | undefined];
  if (port === undefined) return quote(`${path}${side === 'out' ? 'in' : 'out'}/${name}`);
  const inner = graph.steps.find((one) => one.name === step)?.graph;
  return quote(inner ? `${path}${step}/${side}/${port}` : path + step);
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
