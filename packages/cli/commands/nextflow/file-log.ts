import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type RunLog, ScriptFault } from '@helicase/nextflow';

/** `.nextflow.log`, as Nextflow writes it, and the terminal. */
export class FileLog implements RunLog {
  readonly #path: string;
  readonly #quiet: boolean;

  constructor(path: string, quiet: boolean) {
    this.#path = path;
    this.#quiet = quiet;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  }

  print(text: string): void {
    process.stdout.write(text);
  }

  terminal(text: string): void {
    process.stdout.write(text);
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', origin: string, message: string): void {
    appendFileSync(
      this.#path,
      `${stamp(new Date())} [main] ${level.toUpperCase().padEnd(5)} ${origin} - ${message}\n`,
    );
    if (level === 'debug' || (level === 'info' && (this.#quiet || origin === 'nextflow.cli.CmdRun'))) return;
    if (level === 'info') process.stdout.write(`${message}\n`);
    else process.stdout.write(`${level === 'warn' ? 'WARN' : 'ERROR'}: ${message}\n`);
  }

  task(line: string): void {
    appendFileSync(this.#path, `${stamp(new Date())} [Task submitter] INFO  nextflow.Session - ${line}\n`);
    if (!this.#quiet) process.stdout.write(`${line}\n`);
  }

  error(report: string, error: unknown): void {
    const stack = error instanceof Error && !(error instanceof ScriptFault) ? `\n${error.stack}` : '';
    appendFileSync(
      this.#path,
      `${stamp(new Date())} [main] ERROR nextflow.cli.Launcher - ${report}${stack}\n`,
    );
    const position = error instanceof ScriptFault ? error.position : undefined;
    const where = position ? `script '${position.file}' at line: ${position.line} or see ` : '';
    process.stdout.write(
      `ERROR ~ ${report}\n\n -- Check ${where}'${basename(this.#path)}' file for ${where && 'more '}details\n`,
    );
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
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function stamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${MONTHS[date.getMonth()]}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
