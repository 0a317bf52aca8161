import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Launch, ScriptFault, type TaskRecord, textSetting } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { type DagFormat, dagFormat } from './dag.ts';
import { escaped, page } from './page.ts';
import { FIELDS, isField, taskFields } from './task-fields.ts';

const KINDS = ['trace', 'report', 'timeline', 'dag'] as const;
type Kind = (typeof KINDS)[number];

/** The files that a run is to leave, each with how it is written. */
export interface Reports {
  readonly paths: Readonly<Partial<Record<Kind, string>>>;
  readonly columns: readonly string[];
  readonly separator: string;
  readonly dag: DagFormat | undefined;
}

interface RunFacts {
  readonly runName: string;
  readonly records: readonly TaskRecord[];
}

/**
 * What `-with-trace` and its like ask for, or `trace.enabled` and its like in the configuration. Told before the run:
 * what cannot be written, and files that are there already, which stay unless `overwrite` is set.
 */
export function chosenReports(command: NextflowCommand, launched: Launch, started: number): Reports {
  const paths = Object.fromEntries(
    KINDS.flatMap((kind) => {
      const path = pathOf(kind, command, launched, started);
      return path === undefined ? [] : [[kind, path] as const];
    }),
  );
  const fields = textSetting(launched, 'trace.fields');
  return {
    paths,
    columns: fields === undefined ? COLUMNS : chosenColumns(fields),
    separator: textSetting(launched, 'trace.sep') ?? '\t',
    dag: paths['dag'] === undefined ? undefined : dagFormat(paths['dag']),
  };
}

function pathOf(kind: Kind, command: NextflowCommand, launched: Launch, started: number): string | undefined {
  const asked = command.reports[kind];
  if (asked === undefined && textSetting(launched, `${kind}.enabled`) !== 'true') return undefined;
  const day = new Date(started).toISOString().slice(0, 10).replaceAll('-', '');
  const usual = `${kind}-${day}-${String(started).slice(-8)}.${kind === 'trace' ? 'txt' : 'html'}`;
  const given = typeof asked === 'string' ? asked : (textSetting(launched, `${kind}.file`) ?? usual);
  if (/^[a-z0-9]+:\/\//i.test(given))
    throw new ScriptFault(`The ${kind} cannot be written to ${given}. Give a file of this machine.`);
  const path = resolve(given);
  if (existsSync(path) && textSetting(launched, `${kind}.overwrite`) !== 'true')
    throw new ScriptFault(
      `${kind[0]!.toUpperCase()}${kind.slice(1)} file already exists: ${path} -- enable the '${kind}.overwrite' option in your config file to overwrite existing files`,
    );
  return path;
}

function chosenColumns(given: string): string[] {
  const names = given
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((name) => name.trim());
  const unknown = names.find((name) => !isField(name));
  if (unknown !== undefined)
    throw new ScriptFault(
      `trace.fields names "${unknown}", which is no field. The fields are: ${FIELDS.join(', ')}.`,
    );
  return names;
}

export function writeReports(reports: Reports, launched: Launch, { records, runName }: RunFacts): void {
  const { columns, dag, paths, separator } = reports;
  const texts: Readonly<Record<Kind, () => string>> = {
    trace: () => traceText(records, columns, separator),
    report: () => page(`Report of ${runName}`, table(records)),
    timeline: () => page(`Timeline of ${runName}`, bars(records)),
    dag: () => dag!(launched.session.network.graph.drawn(), runName),
  };
  for (const kind of KINDS) {
    const path = paths[kind];
    if (path === undefined || (launched.session.preview && kind !== 'dag')) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, texts[kind]());
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

function traceText(records: readonly TaskRecord[], columns: readonly string[], separator: string): string {
  const rows = [columns, ...records.map((record) => row(record, columns))];
  return rows.map((cells) => `${cells.join(separator)}\n`).join('');
}

function row(record: TaskRecord, columns: readonly string[]): string[] {
  const fields = taskFields(record);
  return columns.map((name) => fields[name] ?? '-');
}

function table(records: readonly TaskRecord[]): string {
  const rows = records.map(
    (record) =>
      `<tr>${row(record, COLUMNS)
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
