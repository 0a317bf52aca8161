import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskRecord } from '@helicase/nextflow';
import { type TaskFields, taskFields } from './task-fields.ts';

/** A line of `.nextflow/history`, as Nextflow writes it. */
export interface RunLine {
  readonly timestamp: string;
  readonly duration: string;
  readonly runName: string;
  /** `-` while it runs, and for ever where it was killed. */
  readonly status: string;
  readonly revision: string;
  readonly sessionId: string;
  readonly command: string;
}

const COLUMNS = ['timestamp', 'duration', 'runName', 'status', 'revision', 'sessionId', 'command'] as const;

/** The runs that were launched in a folder, and their tasks. */
export class History {
  readonly #folder: string;

  constructor(launchDir: string) {
    this.#folder = join(launchDir, '.nextflow');
  }

  get #path(): string {
    return join(this.#folder, 'history');
  }

  runs(): RunLine[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(
        COLUMNS.map((name, index) => [name, cells[index] ?? '-']),
      ) as unknown as RunLine;
    });
  }

  begin(run: RunLine): void {
    mkdirSync(this.#folder, { recursive: true });
    appendFileSync(this.#path, lineOf(run));
  }

  end(runName: string, facts: Pick<RunLine, 'duration' | 'status'>): void {
    this.#rewrite(this.runs().map((run) => (run.runName === runName ? { ...run, ...facts } : run)));
  }

  forget(runName: string): void {
    this.#rewrite(this.runs().filter((run) => run.runName !== runName));
  }

  #rewrite(runs: readonly RunLine[]): void {
    writeFileSync(this.#path, runs.map(lineOf).join(''));
  }

  /** Each task of a run, as it ended. */
  keep(runName: string, record: TaskRecord): void {
    const folder = join(this.#folder, 'tasks');
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, `${runName}.jsonl`), `${JSON.stringify(taskFields(record))}\n`);
  }

  tasks(runName: string): TaskFields[] {
    const path = join(this.#folder, 'tasks', `${runName}.jsonl`);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as TaskFields);
  }
}

function lineOf(run: RunLine): string {
  return `${COLUMNS.map((name) => run[name].replace(/[\t\n]/g, ' ')).join('\t')}\n`;
}
