import type { TaskHost } from '@helicase/runtime';
import { shellQuoted } from './shell-quoted.ts';
import { stripIndent } from '../evaluate/methods/strings.ts';
import type { StagedFile } from './task-inputs.ts';

/** Where a task has its things, as it sees them. */
export interface Places {
  readonly work: string;
  /** The files of its inputs, to which its work directory has links. */
  readonly inputs: string;
  /** The programs of the workflow's `bin` folders. */
  readonly programs: string;
}

const PLACES: Places = {
  work: '/mnt/workflow/work',
  inputs: '/mnt/workflow/inputs',
  programs: '/mnt/workflow/bin',
};

/** Those that a sandbox makes, or for one attempt those of the host, where there is none. */
export function placesOf(host: Pick<TaskHost, 'folders'>): Places {
  const own = host.folders?.();
  return own ? { work: own.work, inputs: own.inputs, programs: `${own.inputs}/bin` } : PLACES;
}

export interface WrapperParts {
  readonly places: Places;
  readonly shell: readonly string[];
  readonly script: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly inputs: readonly StagedFile[];
  readonly stageIn: 'symlink' | 'copy' | 'link' | 'rellink';
  readonly hasStdin: boolean;
  readonly programFolders: number;
}

/** The text of `.command.sh`: without the indent of the source, and with a first line that says what runs it. */
export function commandText(script: string, shell: readonly string[]): string {
  const text = stripIndent(script.replace(/^(?:[ \t]*\n)+/, ''))
    .trimStart()
    .replace(/\s*$/, '\n');
  return text.startsWith('#!')
    ? text
    : `#!${absolute(shell[0] ?? '/bin/bash')}${shell.length > 1 ? ` ${shell.slice(1).join(' ')}` : ''}\n${text}`;
}

function absolute(program: string): string {
  return program.startsWith('/') ? program : `/usr/bin/env ${program}`;
}

/** How a script is run: by its first line. */
export function interpreterOf(command: string): string {
  const first = command.slice(2, command.indexOf('\n')).trim();
  return first.replace(/^\/usr\/bin\/env (?=bash\b)/, '');
}

/**
 * After the script: the values of variables and of commands that outputs ask for, into `.command.env`. The script's
 * shell may have been told not to overwrite files (`bash -C`, as nf-core's is), hence `>|`. A command has a shell of its
 * own, without those options (a pipe whose first part fails is none), and sees the script's variables: as in Nextflow.
 */
export function captureText(variables: readonly string[], commands: readonly string[]): string {
  if (variables.length + commands.length === 0) return '';
  const lines = ['', '# capture process environment', 'set +u', 'set +e', ': >| .command.env'];
  for (const name of variables)
    lines.push(`printf '%s\\0%s\\0' ${shellQuoted(`env:${name}`)} "$${name}" >> .command.env`);
  for (const [index, command] of commands.entries()) {
    lines.push(
      `nxf_eval=$(bash -c "${command.replaceAll('"', '\\"')}" 2>| .command.eval.err); nxf_status=$?`,
      `printf '%s\\0%s\\0' ${shellQuoted(`eval:${index}`)} "$nxf_eval" >> .command.env`,
      `printf '%s\\0%s\\0' ${shellQuoted(`status:${index}`)} "$nxf_status" >> .command.env`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The text of `.command.run`: links the inputs, runs the script, and keeps its exit status. */
export function wrapperText(parts: WrapperParts): string {
  const programs = Array.from(
    { length: parts.programFolders },
    (_, index) => `${parts.places.programs}/${index}`,
  );
  const stdin = parts.hasStdin ? ' < .command.in' : '';
  return [
    '#!/bin/bash',
    ...parts.inputs.map(({ name, writable }, index) =>
      stageLine(name, `${parts.places.inputs}/${index}`, writable ? 'copy' : parts.stageIn),
    ),
    ...(programs.length > 0 ? [`export PATH="${programs.join(':')}:$PATH"`] : []),
    ...(parts.before === undefined ? [] : ['# beforeScript directive', parts.before]),
    `${interpreterOf(parts.script)} .command.sh${stdin}`,
    'nxf_exit=$?',
    ...(parts.after === undefined ? [] : ['# afterScript directive', parts.after]),
    'printf %s $nxf_exit > .exitcode',
    'exit $nxf_exit',
    '',
  ].join('\n');
}

function stageLine(name: string, place: string, mode: WrapperParts['stageIn']): string {
  const source = shellQuoted(`${place}/${name.slice(name.lastIndexOf('/') + 1)}`);
  const target = shellQuoted(name);
  const folder = name.includes('/')
    ? `mkdir -p ${shellQuoted(name.slice(0, name.lastIndexOf('/')))} && `
    : '';
  return mode === 'copy' || mode === 'link'
    ? `${folder}cp -fRL ${source} ${target} && chmod -R u+w ${target}`
    : `${folder}ln -sfn ${source} ${target}`;
}
