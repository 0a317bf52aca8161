import type { TaskRecord } from '@helicase/nextflow';
import type { Terminal } from './terminal.ts';

/** How far a process is. */
interface Tally {
  submitted: number;
  ended: number;
  cached: number;
  failed: number;
  hash: string;
  /** The task that was submitted last. */
  task: string;
}

/** At most so often, since a thousand tasks may end in a second. */
const REDRAWS_MS = 50;

/**
 * For a terminal: a line for each process below what is printed, rewritten while its tasks run, with the counts and
 * the task that came last, as Nextflow shows them.
 */
export function liveTerminal(plain: Terminal, output: NodeJS.WriteStream): Terminal {
  const tallies = new Map<string, Tally>();
  let drawn = 0;
  /** What was printed last ends no line: it would be cleared away with the lines below. */
  let isOpen = false;
  let timer: NodeJS.Timeout | undefined;
  const clear = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    if (isOpen) output.write('\n');
    isOpen = false;
    const lines = linesOf(tallies, output.columns || 80, output.rows || 24);
    output.write(lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
  };
  const drawSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      draw();
    }, REDRAWS_MS).unref();
  };
  /** What is printed stands above the lines. */
  const above =
    <A extends readonly unknown[]>(print: (...args: A) => void) =>
    (...args: A) => {
      clear();
      print(...args);
      drawSoon();
    };
  return {
    text: above((text: string) => {
      plain.text(text);
      isOpen = !text.endsWith('\n');
    }),
    message: above(plain.message),
    begin: above(plain.begin),
    failed: above(plain.failed),
    task(line) {
      count(tallies, line);
      drawSoon();
    },
    taskEnded(record) {
      ended(tallies, record);
      drawSoon();
    },
    bodyEnded(process) {
      tallyOf(tallies, process).ended += 1;
      drawSoon();
    },
    end() {
      clearTimeout(timer);
      draw();
    },
  };
}

/** `[ab/cdef01] Submitted process > ALIGN (s1)`: its process is what stands before the tag. */
function count(tallies: Map<string, Tally>, line: string): void {
  const [, hash = '', what, name = ''] = /^\[(\S+)\] (\S+) process > (.*)$/.exec(line) ?? [];
  if (what === undefined || what.startsWith('Re-')) return;
  const tally = tallyOf(tallies, name.replace(/ \(.*\)$/, ''));
  tally.submitted += 1;
  if (what === 'Cached' || what === 'Stored') tally.cached += 1;
  if (what === 'Stored') tally.ended += 1; // no task of its own ends
  tally.hash = hash;
  tally.task = / (\(.*\))$/.exec(name)?.[1] ?? '';
}

function ended(tallies: Map<string, Tally>, { outcome, process }: TaskRecord): void {
  const tally = tallyOf(tallies, process);
  if (outcome.exitCode === 0) tally.ended += 1;
  else tally.failed += 1;
}

function tallyOf(tallies: Map<string, Tally>, process: string): Tally {
  const known = tallies.get(process);
  if (known) return known;
  const made: Tally = { submitted: 0, ended: 0, cached: 0, failed: 0, hash: '', task: '' };
  tallies.set(process, made);
  return made;
}

/** As many as fit; those that are done give way. */
function linesOf(tallies: ReadonlyMap<string, Tally>, columns: number, rows: number): string[] {
  const all = [...tallies];
  const room = Math.max(1, rows - 3);
  const busy = all.filter(([, { ended: done, submitted }]) => done < submitted);
  const shown = all.length <= room ? all : busy.slice(-room);
  const lines = shown.map(([name, tally]) => lineOf(name, tally).slice(0, columns - 1));
  return shown.length === all.length
    ? lines
    : [...lines, `… and ${all.length - shown.length} processes more`];
}

function lineOf(name: string, { cached, ended: done, failed, hash, submitted, task }: Tally): string {
  const facts = [
    `${done} of ${submitted}`,
    ...(cached > 0 ? [`cached: ${cached}`] : []),
    ...(failed > 0 ? [`failed: ${failed}`] : []),
  ].join(', ');
  return `[${hash}] ${name}${task && ` ${task}`} | ${facts}${done === submitted ? ' ✔' : ''}`;
}
