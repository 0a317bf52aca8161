import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type RunLog, ScriptFault } from '@helicase/nextflow';
import type { Terminal } from './terminal.ts';

/** `.nextflow.log`, as Nextflow writes it, and the terminal. */
export class FileLog implements RunLog {
  readonly #path: string;
  readonly terminal: Terminal;

  constructor(path: string, terminal: Terminal) {
    this.#path = path;
    this.terminal = terminal;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  }

  print(text: string): void {
    this.terminal.text(text);
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', origin: string, message: string): void {
    this.#append('main', level, origin, message);
    if (level !== 'debug' && origin !== 'nextflow.cli.CmdRun') this.terminal.message(level, message);
  }

  task(line: string): void {
    this.#append('Task submitter', 'info', 'nextflow.Session', line);
    this.terminal.task(line);
  }

  error(report: string, error: unknown): void {
    const stack = error instanceof Error && !(error instanceof ScriptFault) ? `\n${error.stack}` : '';
    this.#append('main', 'error', 'nextflow.cli.Launcher', `${report}${stack}`);
    const position = error instanceof ScriptFault ? error.position : undefined;
    const where = position ? `script '${position.file}' at line: ${position.line} or see ` : '';
    const hint = ` -- Check ${where}'${basename(this.#path)}' file for ${where && 'more '}details`;
    this.terminal.failed(report, hint);
  }

  fail(error: unknown): number {
    this.error(
      error instanceof ScriptFault
        ? error.describe()
        : error instanceof Error
          ? error.message
          : String(error),
      error,
    );
    return 1;
  }

  #append(thread: string, level: string, origin: string, message: string): void {
    const line = `${stamp(new Date())} [${thread}] ${level.toUpperCase().padEnd(5)} ${origin} - ${message}\n`;
    appendFileSync(this.#path, line);
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function stamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${MONTHS[date.getMonth()]}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
