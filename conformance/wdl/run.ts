/**
 * Runs the examples of a WDL specification: `npm run conformance:wdl -- PATH [NAME...]`, PATH being a checkout of
 * openwdl/wdl at the branch of a version. Compares with the manifest beside this file (`VERSION.json`), which says of
 * every case whether it passes and why not; `--write` writes it anew. Exit status 1 where a case no longer does what
 * the manifest says.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runDefinition } from '@helicase/wdl';
import { localHost, terminalLog } from '../../packages/cli/local/host.ts';
import { type Example, examplesOf, type Json } from './examples.ts';
import { complaint, type Run } from './judge.ts';

/** What the manifest says of one case. */
interface Entry {
  readonly case: string;
  readonly passes: boolean;
  /** Why it does not pass, or what was mended in its expectation and why. */
  readonly note?: string;
  /** The expected outputs where the specification's own are at fault. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const AT_ONCE = 2;
const TIMEOUT = 60_000;

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean' } } });
const [specification, ...names] = positionals;
if (specification === undefined) throw new Error('npm run conformance:wdl -- PATH [NAME...]');
const text = readFileSync(join(specification, 'SPEC.md'), 'utf8');
const version = /^version (\d\.\d)$/m.exec(text.replace(/^[ \t]+/gm, ''))![1]!;
const manifestPath = join(import.meta.dirname, `${version}.json`);
const manifest = new Map(
  (existsSync(manifestPath) ? (JSON.parse(readFileSync(manifestPath, 'utf8')) as Entry[]) : []).map((entry) => [entry.case, entry]),
);
const folder = mkdtempSync(join(tmpdir(), 'helicase-conformance-'));

try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<boolean> {
  const examples = examplesOf(text);
  const suite = join(folder, 'suite');
  mkdirSync(suite);
  cpSync(join(specification!, 'tests', 'data'), suite, { recursive: true });
  for (const { name, source } of examples) writeFileSync(join(suite, name), source);
  const chosen = examples.filter(({ name, kind, ignored }) => kind !== 'resource' && !ignored && (names.length === 0 || names.some((part) => name.includes(part))));
  const complaints = await runAll(chosen, suite);
  return report(chosen, complaints);
}

async function runAll(examples: readonly Example[], suite: string): Promise<Map<string, string | undefined>> {
  const complaints = new Map<string, string | undefined>();
  const waiting = examples.values();
  const worker = async () => {
    for (const example of waiting) {
      const mended = { ...example, outputs: mendedOutputs(example) };
      complaints.set(example.name, complaint(mended, await run(example, suite), suite));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return complaints;
}

function mendedOutputs({ name, outputs }: Example): Json {
  const mended = manifest.get(name)?.outputs;
  return mended === undefined ? outputs : { value: mended };
}

async function run({ name, target, kind, inputs }: Example, suite: string): Promise<Run> {
  if ('fault' in inputs) return { error: new Error(`The inputs are not JSON: ${inputs.fault}`) };
  const directory = join(folder, 'runs', name);
  mkdirSync(directory, { recursive: true });
  const host = localHost({ language: `conformance-${name.replace(/\W/g, '-')}`, directory, log: terminalLog(true) });
  const language = {
    ...{ definition: suite, main: name, parameters: inputs.value, host, runDirectory: directory },
    signal: AbortSignal.timeout(TIMEOUT),
  };
  const options = { inputsFolder: suite, ...(kind === 'task' && { task: target }) };
  try {
    return { result: await runDefinition(language, options) };
  } catch (error) {
    return { error };
  }
}

/** Prints what is not as the manifest says; true where nothing is. */
function report(examples: readonly Example[], complaints: ReadonlyMap<string, string | undefined>): boolean {
  const entries = examples.map(({ name }): Entry => {
    const { note, outputs } = manifest.get(name) ?? {};
    const why = complaints.get(name);
    const said = note ?? why;
    return { case: name, passes: why === undefined, ...(said !== undefined && { note: said }), ...(outputs && { outputs }) };
  });
  const changed = entries.filter((entry) => manifest.get(entry.case)?.passes !== entry.passes);
  for (const { case: name, passes } of changed) {
    console.log(`${passes ? 'passes' : 'FAILS '} ${name}${passes ? '' : `: ${complaints.get(name)}`}`);
  }
  const passed = entries.filter((entry) => entry.passes).length;
  const mended = entries.filter((entry) => entry.passes && entry.outputs).length;
  console.log(`WDL ${version}: ${passed} of ${entries.length} pass, ${mended} of them with their expectation mended`);
  if (flags.write) writeFileSync(manifestPath, `${JSON.stringify(entries, undefined, 2)}\n`);
  return changed.length === 0;
}
