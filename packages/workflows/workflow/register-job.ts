import { buffer } from 'node:stream/consumers';
import type { Vault } from '@helicase/blobs';
import type { JobRun, JobWorker, Records, ResourceTable, Transaction } from '@helicase/records';
import type { Language } from '@helicase/runtime';
import { DefinitionProblem } from '../definition/definition-problem.ts';
import { type DefinitionFiles, readDefinitionZip } from '../definition/definition-zip.ts';
import { findLanguage, findMain, requireFile } from '../definition/main-file.ts';
import { deriveTemplate, readTemplate, templateRemark } from '../definition/parameter-template.ts';
import { readRegistryMap } from '../definition/registry-map.ts';
import type { DefinitionChecker, DefinitionDiagnostic } from '../ports.ts';
import { given } from '../given.ts';
import { fetchDefinition, type FetchDefinitionOptions } from './fetch-definition.ts';
import { fetchSource } from './fetch-source.ts';
import type { Workflow, WorkflowDoc, WorkflowStatus } from './model.ts';
import { storeDefinition, storeText } from './new-definition.ts';

export const REGISTER_JOB = 'workflow-register';
export const REGISTER_VERSION_JOB = 'workflow-version-register';

export interface RegistrationOptions extends FetchDefinitionOptions {
  readonly records: Records;
  /** Workflows, or versions of them. */
  readonly table: ResourceTable<WorkflowDoc, WorkflowStatus, never, Transaction>;
  readonly vault: Vault;
  readonly checkers: Partial<Readonly<Record<Language, DefinitionChecker>>>;
}

/** AWS bounds no workflow's message; a definition with thousands of errors is told by its first. */
const MESSAGE_CHARACTERS = 4000;
/** "The max README content length is 500 KiB." */
export const README_BYTES = 500 * 1024;
const REGISTRY_MAP_BYTES = 1024 * 1024;

type Run = JobRun<object, undefined, Transaction>;

/** CREATING to ACTIVE or FAILED: fetch, unpack, find main, parse and type-check. */
export function registrationWorker(
  kind: typeof REGISTER_JOB | typeof REGISTER_VERSION_JOB,
  options: RegistrationOptions,
): JobWorker<object, undefined, Transaction> {
  return {
    kind,
    concurrency: 2,
    run: (run) => register(options, run),
    exhausted: async (tx, { scope, subject }, error) => {
      const workflow = await options.table.find(tx, scope, subject);
      if (workflow?.status !== 'CREATING') return;
      const message = `The workflow could not be registered: ${error.message}`;
      await options.table.transition(tx, scope, subject, 'FAILED', { message });
    },
  };
}

async function register(options: RegistrationOptions, run: Run): Promise<void> {
  const { scope } = run.actor;
  const workflow = await options.table.find(options.records.direct, scope, run.subject);
  if (workflow?.status !== 'CREATING') return;
  try {
    await activate(options, run, workflow);
  } catch (error) {
    if (!(error instanceof DefinitionProblem)) throw error;
    await run.commit(async (tx) => {
      await options.table.transition(tx, scope, run.subject, 'FAILED', { message: error.message });
    });
  }
}

async function activate(options: RegistrationOptions, run: Run, workflow: Workflow): Promise<void> {
  const { id, scope } = workflow;
  const stored = await withSources(options, run, workflow);
  const archive = await buffer(options.vault.read(stored.definition!));
  const { readme, ...facts } = await examine(
    options,
    stored,
    await readDefinitionZip(archive, options.limits.zip),
  );
  const found = { ...facts, ...(readme && { readme: await storeText(options.vault, scope, id, readme) }) };
  const message = templateRemark(stored.requested.parameterTemplate, facts.inputs ?? []);
  await run.commit(async (tx) => {
    if (found.readme) await options.records.blobs.keep(tx, found.readme.id);
    const doc = (before: WorkflowDoc) => ({ ...before, ...found });
    await options.table.transition(tx, scope, id, 'ACTIVE', { doc, ...(message ? { message } : {}) });
  });
}

/** What the request names by URI is fetched in the creator's name and stored; what is stored stays. */
async function withSources(options: RegistrationOptions, run: Run, workflow: Workflow): Promise<WorkflowDoc> {
  const { doc, id, scope } = workflow;
  const { containerRegistryMapUri, readmeUri } = doc.requested;
  const fetch = (member: string, uri: string, limit: number) =>
    fetchSource(options, run.actor, member, uri, limit);
  const fetched = !doc.definition && (await fetchDefinition(options, run, doc.requested));
  const readme =
    readmeUri !== undefined && !doc.readme && (await fetch('readmeUri', readmeUri, README_BYTES));
  const map =
    containerRegistryMapUri !== undefined &&
    readRegistryMap(
      await fetch('containerRegistryMapUri', containerRegistryMapUri, REGISTRY_MAP_BYTES),
      containerRegistryMapUri,
    );
  const facts = {
    ...(fetched && (await storeDefinition(options.vault, scope, id, fetched.archive))),
    ...(fetched && given({ repositoryProvider: fetched.repositoryProvider })),
    ...(readme && { readme: await storeText(options.vault, scope, id, readme) }),
    ...(map && { containerRegistryMap: map }),
  };
  return run.commit((tx) => keepFacts(options, tx, workflow, facts));
}

/** With the ledger's word for the blobs among them. */
async function keepFacts(
  { records, table }: RegistrationOptions,
  tx: Transaction,
  { id, scope }: Workflow,
  facts: Pick<WorkflowDoc, 'containerRegistryMap' | 'definition' | 'readme' | 'repositoryProvider'>,
): Promise<WorkflowDoc> {
  for (const blob of [facts.definition, facts.readme]) if (blob) await records.blobs.keep(tx, blob.id);
  return (await table.update(tx, scope, id, (doc) => ({ ...doc, ...facts }))).doc;
}

type Found = Pick<WorkflowDoc, 'engine' | 'main' | 'inputs' | 'parameterTemplate' | 'profiles'>;

/** What the definition is: its engine, main file, inputs and template; DefinitionProblem where it is none. */
async function examine(
  options: RegistrationOptions,
  doc: WorkflowDoc,
  files: DefinitionFiles,
): Promise<Found & { readonly readme?: Buffer }> {
  const { parameterTemplate: requested, parameterTemplatePath: path, readmePath } = doc.requested;
  const engine = doc.requested.engine ?? findLanguage(files, doc.requested.main);
  const main = findMain(files, engine, doc.requested.main);
  const checker = options.checkers[engine];
  if (!checker) {
    const known = Object.keys(options.checkers).join(', ');
    throw new DefinitionProblem(
      `Workflows in ${engine} are not supported by this server: its engines are ${known}.`,
    );
  }
  const { diagnostics, inputs, profiles } = await checker.check({ files: texts(files), main });
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0)
    throw new DefinitionProblem(faults.map(describe).join('\n').slice(0, MESSAGE_CHARACTERS));
  const template =
    path === undefined ? requested : readTemplate(requireFile(files, 'parameterTemplatePath', path), path);
  const readme =
    readmePath === undefined ? defaultReadme(files, doc) : requireFile(files, 'readmePath', readmePath);
  if (readme && readme.length > README_BYTES) {
    throw new DefinitionProblem(
      `readmePath ${readmePath} has ${readme.length} bytes; at most ${README_BYTES} are allowed.`,
    );
  }
  const parameterTemplate = template ?? deriveTemplate(inputs);
  return {
    engine,
    main,
    inputs,
    parameterTemplate,
    ...(profiles && { profiles }),
    ...(readme && { readme }),
  };
}

/** Of repositories: "If not specified, the README.md file from the root directory of the repository will be used." */
function defaultReadme(files: DefinitionFiles, { readme, requested }: WorkflowDoc): Buffer | undefined {
  return requested.definitionRepository && !readme ? files.get('README.md') : undefined;
}

function texts(files: DefinitionFiles): ReadonlyMap<string, string> {
  return new Map([...files].map(([name, bytes]) => [name, bytes.toString('utf8')]));
}

function describe({ column, excerpt, file, line, message }: DefinitionDiagnostic): string {
  return `${file}:${line}:${column}: ${message}${excerpt ? `\n${excerpt}` : ''}`;
}
