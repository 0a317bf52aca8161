import { readFileSync } from 'node:fs';
import { type TaskRecord } from '@helicase/nextflow';

/** What the user of a run sees. */
export interface Terminal {
  text(text: string): void;
  message(level: 'info' | 'warn' | 'error', message: string): void;
  /** `[ab/cdef01] Submitted process > NAME`. */
  task(line: string): void;
  /** The run begins. */
  begin(facts: RunBeginning): void;
  taskEnded(record: TaskRecord): void;
  /** An `exec:` body ended; where nobody counts, nobody need know. */
  bodyEnded?(process: string): void;
  failed(report: string, hint: string): void;
  end(records: readonly TaskRecord[], success: boolean): void;
}

export interface RunBeginning {
  readonly banner: string;
  readonly name: string;
  readonly version: string;
  readonly profile: string;
  readonly workDir: string;
}

/** Lines, as `-ansi-log false` has them. */
export function plainTerminal(quiet: boolean): Terminal {
  return {
    text: print,
    message(level, message) {
      if (level === 'info' && quiet) return;
      print(`${level === 'info' ? '' : level === 'warn' ? 'WARN: ' : 'ERROR: '}${message}\n`);
    },
    task: (line) => (quiet ? undefined : print(`${line}\n`)),
    begin: ({ banner }) => (quiet ? undefined : print(banner)),
    taskEnded: () => {},
    failed: (report, hint) => print(`ERROR ~ ${report}\n\n${hint}\n`),
    end: () => {},
  };
}

/** For commands whose answer is the standard output: all else goes to the standard error. */
export function aside(): Terminal {
  const tell = (text: string): void => void process.stderr.write(text);
  return {
    ...{ text: tell, task: () => {}, begin: () => {}, taskEnded: () => {}, end: () => {} },
    message: (level, message) =>
      level === 'info' ? undefined : tell(`${level.toUpperCase()}: ${message}\n`),
    failed: (report, hint) => tell(`ERROR ~ ${report}\n\n${hint}\n`),
  };
}

/** What programs read that drive Nextflow, with NXF_AGENT_MODE=true: a line for a fact, nothing twice. */
export function agentTerminal(): Terminal {
  const warned = new Set<string>();
  return {
    text: print,
    message(level, message) {
      const line = message.trim().replace(/\s+/g, ' ');
      if (level === 'info') print(`${message}\n`);
      else if (!warned.has(line)) print(`[${level === 'warn' ? 'WARN' : 'ERROR'}] ${line}\n`);
      warned.add(line);
    },
    task(line) {
      const [, hash, name] = /^\[(\S+)\] (?:Re-s|S)ubmitted process > (.*)$/.exec(line) ?? [];
      if (hash !== undefined) print(`[PROCESS ${hash}] ${name}\n`);
    },
    begin({ name, profile, version, workDir }) {
      print(`[PIPELINE] ${name}${version && ` ${version}`} | profile=${profile}\n[WORKDIR] ${workDir}\n`);
    },
    taskEnded: (record) => (record.outcome.exitCode === 0 ? undefined : print(failedTask(record))),
    failed: (report) => print(`[ERROR] ${report}\n`),
    end(records, success) {
      const cached = records.filter(({ outcome }) => outcome.recorded).length;
      const failed = records.filter(({ outcome }) => outcome.exitCode !== 0).length;
      const status = success && failed === 0 ? 'SUCCESS' : 'FAILED';
      print(`\n[${status}] completed=${records.length - cached} failed=${failed} cached=${cached}\n`);
    },
  };
}

function failedTask({ name, outcome, script }: TaskRecord): string {
  const command = script.replace(/^#!.*\n/, '').trim();
  const short = command.length > 200 ? `${command.slice(0, 200)}...` : command;
  const [errors, output] = [lastLines(outcome.stderrPath, 10), lastLines(outcome.stdoutPath, 5)];
  const lines = [
    `[ERROR] ${name}`,
    ...(outcome.exitCode === undefined ? [] : [`exit: ${outcome.exitCode}`]),
    `cmd: ${short.replace(/\s+/g, ' ')}`,
    ...(errors ? [`stderr: ${errors}`] : output ? [`stdout: ${output}`] : []),
    `workdir: ${outcome.workDirectory}`,
  ];
  return `${lines.join('\n')}\n`;
}

function lastLines(path: string, most: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-most).join(' | ');
  } catch {
    return ''; // what never started has no streams
  }
}

function print(text: string): void {
  process.stdout.write(text);
}
