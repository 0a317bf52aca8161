import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionHolds, filledTemplate, ScriptFault } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { History, type RunLine } from './history.ts';
import { type TaskFields, FIELDS as TRACE_FIELDS } from './task-fields.ts';

const FIELDS = [...TRACE_FIELDS, 'stdout', 'stderr'];
const NUMBERS = new Set(['task_id', 'exit', 'attempt', 'cpus']);

/** `log`: the runs of this folder, or the tasks of some of them. */
export function log(command: NextflowCommand, history: History): number {
  const { after, before, but, positionals, quiet } = command;
  if (command.listFields) {
    console.log(FIELDS.map((name) => `  ${name}`).join('\n'));
    return 0;
  }
  if (positionals.length === 0 && [after, before, but].every((each) => each === undefined)) {
    printRuns(history.runs(), quiet);
    return 0;
  }
  for (const run of chosenRuns(command, history))
    for (const task of history.tasks(run.runName)) printTask(task, command);
  return 0;
}

/** Those named by the positionals, or all after, before or but one. */
export function chosenRuns(
  { after, before, but, positionals }: Pick<NextflowCommand, 'after' | 'before' | 'but' | 'positionals'>,
  history: History,
): RunLine[] {
  const runs = history.runs();
  const at = (name: string) => placeOf(runs, name);
  if (after !== undefined) return runs.slice(at(after) + 1);
  if (before !== undefined) return runs.slice(0, at(before));
  if (but !== undefined) return runs.toSpliced(at(but), 1);
  return (positionals.length === 0 ? ['last'] : positionals).map((name) => runs[at(name)]!);
}

function placeOf(runs: readonly RunLine[], name: string): number {
  const at =
    name === 'last'
      ? runs.length - 1
      : runs.findLastIndex(({ runName, sessionId }) => runName === name || sessionId.startsWith(name));
  if (at < 0)
    throw new ScriptFault(`No run ${name} was launched here. "nextflow log" lists those that were.`);
  return at;
}

function printRuns(runs: readonly RunLine[], quiet: boolean): void {
  if (quiet) {
    for (const { runName } of runs) console.log(runName);
    return;
  }
  const head = ['TIMESTAMP', 'DURATION', 'RUN NAME', 'STATUS', 'REVISION ID', 'SESSION ID', 'COMMAND'];
  const rows = [head, ...runs.map((run) => Object.values(run) as string[])];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('\t')
        .trimEnd(),
    );
}

function printTask(task: TaskFields, { fields, filter, separator = '\t', template }: NextflowCommand): void {
  const names = { ...values(task), pcpu: task['%cpu']! };
  if (filter !== undefined && !conditionHolds(filter, names)) return;
  if (template !== undefined) {
    const written = existsSync(template) ? readFileSync(template, 'utf8') : template;
    console.log(filledTemplate(written, { ...names, ...streams(task) }));
    return;
  }
  const all = { ...task, ...(fields?.match(/std(out|err)/) ? streams(task) : {}) } as TaskFields;
  const wanted = (fields ?? 'workdir').split(/[, \n]+/).filter(Boolean);
  const unknown = wanted.find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new ScriptFault(`There is no field "${unknown}". "log -l" lists the fields.`);
  console.log(wanted.map((name) => all[name] ?? '-').join(separator));
}

function values(task: TaskFields): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(task).map(([name, value]) => [
      name,
      NUMBERS.has(name) && /^[\d.]+$/.test(value) ? Number(value) : value,
    ]),
  );
}

function streams({ workdir = '' }: TaskFields): Record<'stdout' | 'stderr', string> {
  return {
    stdout: firstLines(join(workdir, '.command.out')),
    stderr: firstLines(join(workdir, '.command.err')),
  };
}

function firstLines(path: string): string {
  if (!existsSync(path)) return '-';
  return readFileSync(path, 'utf8').split('\n').slice(0, 100).join('\n') || '-';
}
