import { posix } from 'node:path';
import type { StagedInput, TaskRequest } from '@helicase/runtime';
import { shellQuoted } from '../command/arguments.ts';
import { DocumentError } from '../faults.ts';
import type { Process } from '../load/model.ts';
import { listOf, setMember, type ValueObject } from '../value.ts';

/**
 * cwltool:Secrets: the values of such inputs stay with the host. The engine, its expressions and everything that is
 * recorded see what stands for them; a task gets them in variables, from the host itself.
 */
export interface HiddenSecrets {
  /** The job with what stands for each secret. */
  readonly job: ValueObject;
  /** By name, for the host. */
  readonly values: Readonly<Record<string, string>>;
}

const STAND_IN = /\(secret:(\w[\w.-]*)\)/g;

/** Takes the values of the process's secret inputs out of the job. */
export function hideSecrets(process: Process, job: ValueObject): HiddenSecrets {
  const hidden: ValueObject = { ...job };
  const values: Record<string, string> = {};
  for (const name of secretInputs(process)) {
    const value = job[name];
    if (typeof value !== 'string') continue;
    values[name] = value;
    setMember(hidden, name, `(secret:${name})`);
  }
  return { job: hidden, values };
}

/** Where nobody hid a secret, it would be kept with the run's parameters and shown by whoever shows them. */
export function refuseOpenSecrets(process: Process, job: ValueObject): void {
  const open = secretInputs(process).find((name) => typeof job[name] === 'string' && !isStandIn(job[name]));
  if (open === undefined) return;
  throw new DocumentError(
    process.position,
    `The input ${open} is secret (cwltool:Secrets), and a run keeps its parameters and shows them. ` +
      'Run this workflow with "helicase cwl run", or read the secret in the task.',
  );
}

function secretInputs({ hints, requirements }: Process): string[] {
  const found = requirements.get('Secrets') ?? hints.get('Secrets');
  return listOf(found?.['secrets']).map((one) => String(one).replace(/^.*[#/]/, ''));
}

function isStandIn(value: unknown): boolean {
  return typeof value === 'string' && new RegExp(`^${STAND_IN.source}$`).test(value);
}

/** The request with variables of the host in the place of secrets; as it was where it has none. */
export function withSecretVariables(request: TaskRequest): TaskRequest {
  const names = [...new Set([...JSON.stringify(request).matchAll(STAND_IN)].map(([, name]) => name!))];
  if (names.length === 0) return request;
  const variables = new Map(names.map((name, index) => [name, `HELICASE_SECRET_${index}`]));
  const [open, closed] = split(Object.entries(request.environment), ([, value]) => !hasSecret(value));
  const [inputs, files] = split(
    request.inputs,
    (input) => input.kind !== 'literal' || !hasSecret(input.content),
  );
  const script = [
    ...files.flatMap((file) => (file.kind === 'literal' ? writing(file) : [])),
    ...closed.map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
    commandText(request.argv),
  ].join('\n');
  return {
    ...{ ...request, inputs, environment: Object.fromEntries(open) },
    argv: ['/bin/sh', '-c', withVariables(script, variables)],
    secrets: Object.fromEntries([...variables].map(([name, variable]) => [variable, name])),
  };
}

function hasSecret(text: string): boolean {
  return text.search(STAND_IN) >= 0;
}

/** A command of ShellCommandRequirement is a text already. */
function commandText(argv: readonly string[]): string {
  const isShell = argv.length === 3 && argv[0] === '/bin/sh' && argv[1] === '-c';
  return isShell ? argv[2]! : `exec ${argv.map(shellQuoted).join(' ')}`;
}

function writing({ content, target, writable }: Extract<StagedInput, { kind: 'literal' }>): string[] {
  const path = shellQuoted(target);
  return [
    `mkdir -p ${shellQuoted(posix.dirname(target))}`,
    `printf %s ${shellQuoted(content)} > ${path}`,
    ...(writable ? [] : [`chmod 444 ${path}`]),
  ];
}

/** Each stand-in as its variable, quoted so that the shell takes the value as one piece wherever it stands. */
function withVariables(script: string, variables: ReadonlyMap<string, string>): string {
  let text = '';
  let last = 0;
  for (const match of script.matchAll(STAND_IN)) {
    text += script.slice(last, match.index);
    last = match.index + match[0].length;
    const variable = `"$${variables.get(match[1]!)!}"`;
    const quote = openQuote(text);
    text += quote === undefined ? variable : `${quote}${variable}${quote}`;
  }
  return text + script.slice(last);
}

/** The quote that is open at the end of the text. */
function openQuote(text: string): string | undefined {
  let open: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\\' && open !== "'") at += 1;
    else if (open === undefined && (character === "'" || character === '"')) open = character;
    else if (character === open) open = undefined;
  }
  return open;
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
