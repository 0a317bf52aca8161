import { readFileSync } from 'node:fs';
import type { TaskOutcome } from '@helicase/runtime';

/** What the user is told of a task that failed, in Nextflow's words. */
export function errorReport(
  task: { readonly name: string; readonly script: string; readonly place: string },
  cause: string,
  outcome: TaskOutcome | undefined,
): string {
  const sections = [`Error executing process > '${task.name}'`, `Caused by:\n${indented(cause)}`];
  if (task.script !== '')
    sections.push(`Command executed:\n\n${indented(task.script.replace(/^#!.*\n/, '').trimEnd())}`);
  if (outcome) {
    sections.push(`Command exit status:\n  ${outcome.exitCode ?? '-'}`);
    sections.push(`Command output:\n${indented(lastOf(outcome.stdoutPath) || '(empty)')}`);
    const error = lastOf(outcome.stderrPath);
    if (error !== '') sections.push(`Command error:\n${indented(error)}`);
    sections.push(`Work dir:\n  ${outcome.workDirectory}`);
  }
  sections.push(`Process defined at:\n  ${task.place}`);
  return sections.join('\n\n');
}

/** Why the outcome is no success. */
export function failureCause(name: string, outcome: TaskOutcome): string {
  switch (outcome.status) {
    case 'exited':
      return `Process \`${name}\` terminated with an error exit status (${outcome.exitCode ?? outcome.signal ?? '-'})`;
    case 'out-of-memory':
      return `Process \`${name}\` needed more memory than it was given. Give it more with the directive "memory".`;
    case 'out-of-disk':
      return `Process \`${name}\` needed more disk than it was given. Give it more with the directive "disk".`;
    case 'timed-out':
      return `Process \`${name}\` took longer than its time. Give it more with the directive "time".`;
    case 'lost':
      return `Process \`${name}\` was lost: ${outcome.message ?? 'nobody knows how it ended'}`;
    case 'cancelled':
      return `Process \`${name}\` was cancelled`;
    case 'failed-to-start':
      return `Process \`${name}\` could not start: ${outcome.message ?? 'unknown reason'}`;
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function lastOf(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return lines.slice(-50).join('\n').slice(-8_000);
  } catch {
    return '';
  }
}
