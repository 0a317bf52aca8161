/**
 * Runs the examples of a WDL specification: `npm run conformance:wdl -- PATH [NAME...]`, PATH being a checkout of
 * openwdl/wdl at the branch of a version. Each example is tried as it is printed, then as `mends.ts` mends it.
 * Compares with the manifest beside this file (`VERSION.json`), which says of every case whether it passes and why
 * not; `--write` writes it anew. Tasks run in the sandbox with the machine's own programs; `--images DIR` has those run
 * in containers whose image DIR has, as an OCI layout or archive; with `--no-sandbox` tasks are plain processes.
 * Exit status 1 where a case no longer does what the manifest says.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rootPrincipal } from '@helicase/kernel';
import { archiveSource, type TaskHost } from '@helicase/runtime';
import { runDefinition } from '@helicase/wdl';
import { localHost, terminalLog } from '../../packages/cli/local/host.ts';
import { parseImageReference } from '../../packages/runtime/container/image-reference.ts';
import { type Example, examplesOf } from './examples.ts';
import { complaint, type Run } from './judge.ts';
import { mends } from './mends.ts';

/** What the manifest says of one case. */
interface Entry {
  readonly case: string;
  readonly result: 'passes' | 'passes mended' | 'fails';
  /** What is wrong with the example, or why it fails. */
  readonly why?: string;
}

const NOBODY = {
  scope: { account: '000000000000', region: 'local' },
  principal: rootPrincipal('000000000000'),
};

const AT_ONCE = 2;
const TIMEOUT = 60_000;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, images: { type: 'string' }, 'no-sandbox': { type: 'boolean' } },
});
const [specification, ...names] = positionals;
if (specification === undefined) throw new Error('npm run conformance:wdl -- PATH [NAME...]');
if (flags['no-sandbox'] && flags.images !== undefined)
  throw new Error('--no-sandbox and --images contradict each other.');
const text = readFileSync(join(specification, 'SPEC.md'), 'utf8');
const version = /^\s*version (\d\.\d)$/m.exec(text)![1]!;
const manifestPath = join(import.meta.dirname, `${version}.json`);
const folder = mkdtempSync(join(tmpdir(), 'helicase-conformance-'));

try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<boolean> {
  const printed = examplesOf(text);
  const suites = { printed: makeSuite('printed', printed), mended: makeSuite('mended', printed.map(mended)) };
  const chosen = printed.filter(
    ({ name, kind, ignored }) => kind !== 'resource' && !ignored && isChosen(name),
  );
  const entries: Entry[] = [];
  const waiting = chosen.entries();
  const worker = async () => {
    for (const [index, example] of waiting) entries[index] = await judge(example, suites);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return report(entries);
}

function isChosen(name: string): boolean {
  return names.length === 0 || names.some((part) => name.includes(part));
}

/** The examples as files beside each other and the test data, as they import and name one another. */
function makeSuite(name: string, examples: readonly Example[]): string {
  const suite = join(folder, name);
  cpSync(join(specification!, 'tests', 'data'), suite, { recursive: true });
  for (const example of examples) writeFileSync(join(suite, example.name), example.source);
  return suite;
}

function mended(example: Example): Example {
  const { source = [], inputs, outputs, ...rest } = mends[example.name] ?? { why: '' };
  return {
    ...example,
    ...rest,
    source: source.reduce((document, [from, to]) => document.replaceAll(from, to), example.source),
    ...(inputs && { inputs: { value: inputs } }),
    ...(outputs && { outputs: { value: outputs } }),
  };
}

async function judge(example: Example, suites: { printed: string; mended: string }): Promise<Entry> {
  const { name } = example;
  const why = complaint(example, await run(example, suites.printed), suites.printed);
  if (why === undefined) return { case: name, result: 'passes' };
  const mend = mends[name];
  if (!mend) return { case: name, result: 'fails', why };
  const better = mended(example);
  const still = complaint(better, await run(better, suites.mended), suites.mended);
  if (still === undefined) return { case: name, result: 'passes mended', why: mend.why };
  return { case: name, result: 'fails', why: `${mend.why}; mended: ${still}` };
}

async function run({ name, target, kind, inputs }: Example, suite: string): Promise<Run> {
  if ('fault' in inputs) return { error: new Error(`The inputs are not JSON: ${inputs.fault}`) };
  const directory = join(folder, 'runs', `${suite.length}-${name}`);
  mkdirSync(directory, { recursive: true });
  const language = `conformance-${suite.length}-${name.replace(/\W/g, '-')}`;
  const host = taskHost(language, directory);
  const signal = AbortSignal.timeout(TIMEOUT);
  const definition = {
    definition: suite,
    main: name,
    parameters: inputs.value,
    host,
    runDirectory: directory,
    signal,
  };
  try {
    const options = { inputsFolder: suite, ...(kind === 'task' && { task: target }) };
    return { result: await runDefinition(definition, options) };
  } catch (error) {
    return { error };
  }
}

/** Images that the folder does not have are not used: the sandbox stands in for them. */
function taskHost(language: string, directory: string): TaskHost {
  const options = { language, directory, log: terminalLog(true), sandbox: flags['no-sandbox'] !== true };
  const sandbox = localHost(options);
  if (flags.images === undefined) return sandbox;
  const folder = archiveSource(flags.images);
  const containers = localHost({ ...options, images: { folder: flags.images } });
  return {
    ...sandbox,
    run: async (request, signal) => {
      const reference = request.image === undefined ? undefined : parseImageReference(request.image);
      const found = reference && (await folder.find(reference, NOBODY));
      return (found ? containers : sandbox).run(request, signal);
    },
  };
}

function isWithoutImage(name: string): boolean {
  return flags.images === undefined && mends[name]?.needsImage === true;
}

/** Prints what is not as the manifest says; true where nothing is. */
function report(entries: readonly Entry[]): boolean {
  const known = new Map(
    (existsSync(manifestPath) ? (JSON.parse(readFileSync(manifestPath, 'utf8')) as Entry[]) : []).map(
      (entry) => [entry.case, entry],
    ),
  );
  const changed = entries.filter(
    (entry) => known.get(entry.case)?.result !== entry.result && !isWithoutImage(entry.case),
  );
  for (const { case: name, result, why } of changed) console.log(`${result} ${name}${why ? `: ${why}` : ''}`);
  const count = (result: Entry['result']) => entries.filter((entry) => entry.result === result).length;
  console.log(
    `WDL ${version}: of ${entries.length} cases ${count('passes') + count('passes mended')} pass, ` +
      `${count('passes mended')} of them only with their example mended; ${count('fails')} fail`,
  );
  const kept = entries.map((entry) => {
    const why = known.get(entry.case)?.why;
    return why !== undefined && known.get(entry.case)?.result === entry.result ? { ...entry, why } : entry;
  });
  if (flags.write) writeFileSync(manifestPath, `${JSON.stringify(kept, undefined, 2)}\n`);
  return changed.length === 0;
}
