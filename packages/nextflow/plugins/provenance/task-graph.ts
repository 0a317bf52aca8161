import { posix } from 'node:path';
import type { GroovyMap } from '../../values/map.ts';
import {
  inputFiles,
  makers,
  outputFiles,
  type ProvenanceDocument,
  type ProvenanceRecord,
  type ProvenRun,
  type ProvenTask,
} from './record.ts';

/** Mermaid, as nf-prov draws it: files of the run lead to the tasks that read them, tasks to each other and to files. */
export function taskGraph(
  { tasks }: ProvenanceRecord,
  _run: ProvenRun,
  _options: GroovyMap,
  path: string,
): ProvenanceDocument {
  const diagram = mermaidText(tasks);
  if (!path.endsWith('.html')) return { text: diagram };
  const shown = diagram.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return {
    text: `<!doctype html>\n<html><head><meta charset="utf-8"><title>Tasks and their files</title></head>\n<body><pre class="mermaid">\n${shown}</pre></body></html>\n`,
  };
}

function mermaidText(tasks: readonly ProvenTask[]): string {
  const made = makers(tasks);
  const vertex = new Map(tasks.map((task, index) => [task, `t${index}`]));
  const passed = new Set<string>();
  const [given, left] = [new Map<string, string>(), new Map<string, string>()];
  const arrows: string[] = [];
  for (const task of tasks)
    for (const file of new Set(inputFiles(task))) {
      const maker = made.get(file);
      if (maker) passed.add(file);
      else if (!given.has(file)) given.set(file, `in${given.size}`);
      const from = maker ? `${vertex.get(maker)} -->|${posix.basename(file)}|` : `${given.get(file)} -->`;
      arrows.push(`    ${from} ${vertex.get(task)}`);
    }
  for (const task of tasks)
    for (const file of outputFiles(task)) {
      if (passed.has(file) || left.has(file)) continue;
      left.set(file, `out${left.size}`);
      arrows.push(`    ${vertex.get(task)} --> ${left.get(file)}`);
    }
  const named = (files: ReadonlyMap<string, string>) =>
    Array.from(files, ([file, name]) => `    ${name}["${posix.basename(file)}"]`);
  return [
    'flowchart TD',
    ...['    subgraph " "', ...named(given), '    end'],
    ...framed(
      tasks.map((task) => ({
        task,
        name: vertex.get(task)!,
        workflows: task.process.split(':').slice(0, -1),
      })),
      0,
    ),
    ...arrows,
    ...['    subgraph " "', ...named(left), '    end'],
    '',
  ].join('\n');
}

interface Placed {
  readonly task: ProvenTask;
  readonly name: string;
  readonly workflows: readonly string[];
}

/** The tasks of a workflow, and a frame around those of each workflow in it. */
function framed(placed: readonly Placed[], depth: number): string[] {
  const own = placed.filter(({ workflows }) => workflows.length === depth);
  const inner = Map.groupBy(
    placed.filter(({ workflows }) => workflows.length > depth),
    ({ workflows }) => workflows[depth]!,
  );
  return [
    ...own.map(({ name, task, workflows }) => {
      const label = task.name.slice(workflows.join(':').length + (workflows.length > 0 ? 1 : 0));
      return `    ${name}(["${label.replaceAll('"', "'")}"])`;
    }),
    ...[...inner].flatMap(([name, within]) => [
      `    subgraph ${name}`,
      ...framed(within, depth + 1),
      '    end',
    ]),
  ];
}
