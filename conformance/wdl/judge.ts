import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EngineFailureError, type LanguageResult } from '@helicase/runtime';
import type { Example } from './examples.ts';

/** What a run of an example came to. */
export type Run = { readonly result: LanguageResult } | { readonly error: unknown };

/** Why the run is not what the example says; undefined where it is. `data` is the folder of the example's own files. */
export function complaint(example: Example, run: Run, data: string): string | undefined {
  if ('error' in run) return example.fails ? wrongCode(example, run.error) : String(run.error);
  if (example.fails) return 'It should have failed.';
  if ('fault' in example.outputs) return `The expected outputs are not JSON: ${example.outputs.fault}`;
  const { outputs, files } = run.result;
  const expected = example.outputs.value;
  const paths = new Map(files.map(({ key, path }) => [key, path]));
  const judged = (name: string) =>
    !example.excludedOutputs.some((excluded) => name.split('.').at(-1) === excluded || name === excluded);
  for (const [name, value] of Object.entries(expected).filter(([name]) => judged(name))) {
    if (!(name in outputs)) return `There is no output ${name}.`;
    const why = difference(outputs[name], value, { paths, data });
    if (why) return `${name}: ${why}`;
  }
  const surplus = Object.keys(outputs).filter((name) => judged(name) && !(name in expected));
  return surplus.length > 0 ? `Outputs that the example does not list: ${surplus.join(', ')}` : undefined;
}

function wrongCode({ returnCodes }: Example, error: unknown): string | undefined {
  if (returnCodes === undefined) return undefined;
  const code = error instanceof EngineFailureError ? error.failure.exitCode : undefined;
  if (code !== undefined && returnCodes.includes(code)) return undefined;
  return `It failed with exit code ${code}, not ${returnCodes.join(' or ')}: ${String(error)}`;
}

interface Files {
  /** Of the run's output files, by key. */
  readonly paths: ReadonlyMap<string, string>;
  readonly data: string;
}

function difference(found: unknown, expected: unknown, files: Files): string | undefined {
  const path = typeof found === 'string' ? files.paths.get(found) : undefined;
  if (path !== undefined && typeof expected === 'string')
    return fileDifference(path, found as string, expected, files.data);
  if (Array.isArray(found) && Array.isArray(expected)) {
    if (found.length !== expected.length) return unlike(found, expected);
    return first(found.map((item, index) => difference(item, expected[index], files)));
  }
  if (isObject(found) && isObject(expected)) {
    const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
    return first([...names].map((name) => difference(found[name] ?? null, expected[name] ?? null, files)));
  }
  return isDeepStrictEqual(found, expected) ? undefined : unlike(found, expected);
}

/** A file is named by its base name; where the suite has that file, its content counts too. */
function fileDifference(path: string, key: string, expected: string, data: string): string | undefined {
  if (basename(key) !== basename(expected)) return unlike(key, expected);
  const model = join(data, expected);
  if (!statSync(model, { throwIfNoEntry: false })?.isFile()) return undefined;
  return readFileSync(path).equals(readFileSync(model))
    ? undefined
    : `its content is not that of ${expected}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const first = (complaints: readonly (string | undefined)[]) => complaints.find((why) => why !== undefined);

const unlike = (found: unknown, expected: unknown) =>
  `${JSON.stringify(found)} is not ${JSON.stringify(expected)}`;
