import { suggestion } from '../diagnostics/suggestion.ts';
import type {
  BodyNode,
  DeclarationNode,
  DocumentNode,
  Meta,
  TaskNode,
  WorkflowNode,
} from '../syntax/document-node.ts';
import type { Position } from '../syntax/position.ts';
import type { LoadedDocument } from './loader.ts';
import type { Report } from './report.ts';

/** Attributes that this service, the specification, Cromwell's backends or miniwdl give a meaning. */
const RUNTIME: ReadonlySet<string> = new Set(
  (
    'container docker cpu memory gpu gpuCount gpuType fpga disks disk returnCodes return_codes continueOnReturnCode ' +
    'maxRetries max_retries acceleratorCount acceleratorType maxCpu maxMemory shortTask localizationOptional inputs ' +
    'outputs preemptible zones bootDiskSizeGb noAddress cpuPlatform nvidiaDriverVersion privileged inlineDockerfile ' +
    'docker_network time_minutes queueArn slurm_partition slurm_gpus slurm_constraint backend failOnStderr volatile'
  ).split(' '),
);

/** What a careful reader would ask about a document that is right: never errors, and only where somebody asks for it. */
export function lint(document: LoadedDocument, report: Report): void {
  const { node, imports } = document;
  for (const [entry, other] of imports) {
    if (other.node.version === node.version) continue;
    const values = { uri: entry.uri, version: node.version, other: other.node.version };
    report.add('ImportVersion', entry.position, values);
  }
  for (const task of node.tasks) lintTask(task, node, report);
  if (node.workflow) lintWorkflow(node.workflow, node, report);
  for (const other of imports.values()) lint(other, report);
}

function lintTask(task: TaskNode, document: DocumentNode, report: Report): void {
  const { name, position, runtime, runtimeSection } = task;
  const attributes = new Set(runtime.map((entry) => entry.name));
  if (!attributes.has('container') && !attributes.has('docker'))
    report.add('NoContainer', position, { task: name });
  for (const entry of runtimeSection === 'runtime' ? runtime : []) {
    if (RUNTIME.has(entry.name)) continue;
    const near = suggestion(entry.name, RUNTIME);
    report.add('UnknownRuntime', entry.position, { name: entry.name, suggestion: near });
  }
  const declared = [...task.inputs, ...task.declarations, ...task.outputs];
  collisions(declared, document, report);
  parameterNames(task, [...task.inputs, ...task.outputs], report);
}

function lintWorkflow(workflow: WorkflowNode, document: DocumentNode, report: Report): void {
  const named = [...workflow.inputs, ...workflow.outputs, ...namedIn(workflow.body)];
  collisions(named, document, report);
  parameterNames(workflow, [...workflow.inputs, ...workflow.outputs], report);
}

interface Named {
  readonly name: string;
  readonly position: Position;
}

function namedIn(body: readonly BodyNode[]): Named[] {
  return body.flatMap((node): Named[] => {
    if (node.kind === 'Declaration') return [node];
    // A call under its task's own name is how calls are named.
    if (node.kind === 'Call') return node.name === node.target.at(-1) ? [] : [node];
    return namedIn(node.body);
  });
}

/** Names that mean something else in the same document: legal, and hard to read. */
function collisions(named: readonly Named[], document: DocumentNode, report: Report): void {
  const others = new Map<string, string>([
    ...document.structs.map(({ name }) => [name, 'a struct'] as const),
    ...document.imports.map(({ namespace }) => [namespace, 'an import'] as const),
    ...document.tasks.map(({ name }) => [name, 'a task'] as const),
    ...(document.workflow ? [[document.workflow.name, 'the workflow'] as const] : []),
  ]);
  for (const { name, position } of named) {
    const what = others.get(name);
    if (what !== undefined) report.add('NameCollision', position, { name, what });
  }
}

/** "Any key in this section must correspond to a task input or output" (specification, "Parameter Metadata Section"). */
function parameterNames(
  { parameterMeta, position }: { readonly parameterMeta: Meta; readonly position: Position },
  parameters: readonly DeclarationNode[],
  report: Report,
): void {
  const known = new Set(parameters.map(({ name }) => name));
  for (const key of Object.keys(parameterMeta)) {
    if (known.has(key.split('.')[0]!)) continue;
    report.add('UnknownParameter', position, { name: key, suggestion: suggestion(key, known) });
  }
}
