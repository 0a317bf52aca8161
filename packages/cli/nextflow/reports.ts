import { writeFileSync } from 'node:fs';
import type { Launch, TaskRecord } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { taskFields } from './task-fields.ts';

interface RunFacts {
  readonly runName: string;
  readonly started: number;
  readonly success: boolean;
}

/** The files that `-with-trace` and its like ask for. */
export async function writeReports(
  command: NextflowCommand,
  _launched: Launch,
  records: readonly TaskRecord[],
  facts: RunFacts,
): Promise<void> {
  const { dag, report, timeline, trace } = command.reports;
  const day = new Date(facts.started).toISOString().slice(0, 10).replaceAll('-', '');
  const named = (given: string | true, base: string) =>
    given === true
      ? `${base}-${day}-${String(facts.started).slice(-8)}.${base === 'trace' ? 'txt' : 'html'}`
      : given;
  if (trace !== undefined) writeFileSync(named(trace, 'trace'), traceText(records));
  if (report !== undefined)
    writeFileSync(named(report, 'report'), page(`Report of ${facts.runName}`, table(records)));
  if (timeline !== undefined)
    writeFileSync(named(timeline, 'timeline'), page(`Timeline of ${facts.runName}`, bars(records)));
  if (dag !== undefined) {
    const path = named(dag, 'dag');
    const names = [...new Set(records.map(({ process }) => process))];
    const graph = `flowchart TB\n${names.map((name, index) => `    v${index}[${name}]`).join('\n')}\n`;
    writeFileSync(
      path,
      path.endsWith('.html')
        ? page(`Processes of ${facts.runName}`, `<pre class="mermaid">\n${graph}</pre>`)
        : path.endsWith('.dot')
          ? `digraph "${facts.runName}" {\n${names.map((name) => `  "${name}";`).join('\n')}\n}\n`
          : graph,
    );
  }
}

const COLUMNS = [
  'task_id',
  'hash',
  'native_id',
  'name',
  'status',
  'exit',
  'submit',
  'duration',
  'realtime',
  '%cpu',
  'peak_rss',
  'peak_vmem',
  'rchar',
  'wchar',
];

function traceText(records: readonly TaskRecord[]): string {
  return `${[COLUMNS.join('\t'), ...records.map((record) => row(record).join('\t'))].join('\n')}\n`;
}

function row(record: TaskRecord): string[] {
  const fields = taskFields(record);
  return COLUMNS.map((name) => fields[name]!);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function page(title: string, body: string): string {
  return `<!doctype html>\n<html><head><meta charset="utf-8"><title>${escaped(title)}</title></head>\n<body><h1>${escaped(title)}</h1>\n${body}\n</body></html>\n`;
}

function table(records: readonly TaskRecord[]): string {
  const rows = records.map(
    (record) =>
      `<tr>${row(record)
        .map((cell) => `<td>${escaped(cell)}</td>`)
        .join('')}</tr>`,
  );
  return `<table border="1"><tr>${COLUMNS.map((name) => `<th>${name}</th>`).join('')}</tr>\n${rows.join('\n')}</table>`;
}

function bars(records: readonly TaskRecord[]): string {
  const start = Math.min(...records.map(({ outcome }) => outcome.startedAt));
  const end = Math.max(...records.map(({ outcome }) => outcome.finishedAt), start + 1);
  return records
    .map(({ name, outcome }) => {
      const left = ((outcome.startedAt - start) / (end - start)) * 100;
      const width = Math.max(0.2, ((outcome.finishedAt - outcome.startedAt) / (end - start)) * 100);
      return `<div style="position:relative;height:1.4em"><div style="position:absolute;left:${left.toFixed(2)}%;width:${width.toFixed(2)}%;background:#9cf;height:1.2em"></div><span style="position:relative">${escaped(name)}</span></div>`;
    })
    .join('\n');
}
