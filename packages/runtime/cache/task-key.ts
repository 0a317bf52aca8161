import { createHash } from 'node:crypto';
import type { StagedInput, TaskRequest } from '../task.ts';

/** Grows when the same task gets another key: what older versions kept is not found any more. */
const KEY_VERSION = 1;
/** Longer components are kept as their digest: enough to see that they differ. */
const LONGEST_COMPONENT = 4_096;

/**
 * Everything that determines what a task gives, each by its name, so that "why was it not cached?" is answered by the
 * difference of two keys. Processors, memory, disk and time are not among them: they decide whether a task succeeds, and
 * only successes are kept. A script that reads how many processors it has may differ; so it does in other engines.
 */
const INPUT = 'input ';

export interface TaskKey {
  /** Of all components. */
  readonly digest: string;
  readonly components: Readonly<Record<string, string>>;
}

/** What the request does not say itself. */
export interface KeyFacts {
  /** Absent for the host's own tools. */
  readonly imageDigest?: string;
  /** Of an input's bytes, or names and bytes of a folder. */
  digestOf(input: Exclude<StagedInput, { kind: 'literal' }>): Promise<string>;
}

export async function taskKey(request: TaskRequest, facts: KeyFacts): Promise<TaskKey> {
  const entries = [
    ...Object.entries(statedComponents(request)),
    ['image', facts.imageDigest ?? "none: the host's own tools"] as const,
    ...(await Promise.all(request.inputs.map((input) => inputComponent(input, facts)))),
  ].map(([name, value]) => [name, short(value)] as const);
  const components = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { digest: sha256(JSON.stringify([KEY_VERSION, components])), components };
}

function statedComponents(request: TaskRequest): Record<string, string> {
  const { accelerators } = request.resources;
  const { argv, environment, network, secrets = {}, stderr, stdin, stdout, workDirectory } = request;
  const optional = { 'standard input': stdin, 'standard output': stdout, 'standard error': stderr };
  return {
    command: JSON.stringify(argv),
    'work directory': workDirectory,
    ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [`environment ${name}`, value])),
    ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [`secret ${name}`, secret])),
    ...Object.fromEntries(Object.entries(optional).filter((entry): entry is [string, string] => !!entry[1])),
    ...(accelerators && { accelerators: `${accelerators.count} ${accelerators.type ?? 'of any type'}` }),
    ...(request.entrypoint && { entrypoint: "the image's" }),
    ...(network && { network: 'allowed' }),
  };
}

async function inputComponent(input: StagedInput, facts: KeyFacts): Promise<readonly [string, string]> {
  const what = input.kind === 'literal' ? input.content : await facts.digestOf(input);
  return [`${INPUT}${input.target}`, input.writable ? `writable ${what}` : what];
}

/** Where in the task's view the inputs lie that determine it. */
export function inputTargets({ components }: TaskKey): readonly string[] {
  return Object.keys(components).flatMap((name) =>
    name.startsWith(INPUT) ? [name.slice(INPUT.length)] : [],
  );
}

export interface KeyDifference {
  readonly component: string;
  /** Absent where only the other key has the component. */
  readonly before?: string;
  readonly now?: string;
}

export function keyDifferences(before: TaskKey, now: TaskKey): readonly KeyDifference[] {
  const names = new Set([...Object.keys(before.components), ...Object.keys(now.components)]);
  return [...names]
    .filter((name) => before.components[name] !== now.components[name])
    .toSorted()
    .map((component) => ({
      component,
      ...member('before', before.components[component]),
      ...member('now', now.components[component]),
    }));
}

/** The key that has most in common with `now`: the newest of those, as `earlier` begins with the newest. */
export function nearestKey(earlier: readonly TaskKey[], now: TaskKey): TaskKey | undefined {
  const distances = earlier.map((key) => keyDifferences(key, now).length);
  return earlier[distances.indexOf(Math.min(...distances))];
}

function member<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]: string });
}

function short(value: string): string {
  return value.length <= LONGEST_COMPONENT ? value : `${value.length} characters, sha256:${sha256(value)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
