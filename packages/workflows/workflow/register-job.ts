import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { BlobRef, Objects, Vault } from '@helicase/blobs';
import { type Actor, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Records, Transaction } from '@helicase/records';
import type { Language } from '@helicase/runtime';
import { DefinitionProblem } from '../definition/definition-problem.ts';
import { type DefinitionFiles, readDefinitionZip } from '../definition/definition-zip.ts';
import { findLanguage, findMain } from '../definition/main-file.ts';
import { deriveTemplate, templateRemark } from '../definition/parameter-template.ts';
import type { WorkflowLimits } from '../limits.ts';
import type { DefinitionChecker, DefinitionDiagnostic } from '../ports.ts';
import type { Workflow, WorkflowDoc, WorkflowTable } from './model.ts';

export const REGISTER_JOB = 'workflow-register';

export interface RegistrationOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly checkers: Partial<Readonly<Record<Language, DefinitionChecker>>>;
  readonly limits: WorkflowLimits;
}

/** AWS bounds no workflow's message; a definition with thousands of errors is told by its first. */
const MESSAGE_CHARACTERS = 4000;

type Run = JobRun<object, undefined, Transaction>;

/** CREATING to ACTIVE or FAILED: fetch, unpack, find main, parse and type-check. */
export function registrationWorker(options: RegistrationOptions): JobWorker<object, undefined, Transaction> {
  return {
    kind: REGISTER_JOB,
    concurrency: 2,
    run: (run) => register(options, run),
    exhausted: async (tx, { scope, subject }, error) => {
      const workflow = await options.workflows.find(tx, scope, subject);
      if (workflow?.status !== 'CREATING') return;
      const message = `The workflow could not be registered: ${error.message}`;
      await options.workflows.transition(tx, scope, subject, 'FAILED', { message });
    },
  };
}

async function register(options: RegistrationOptions, run: Run): Promise<void> {
  const { scope } = run.actor;
  const workflow = await options.workflows.find(options.records.direct, scope, run.subject);
  if (workflow?.status !== 'CREATING') return;
  try {
    const stored = await withDefinition(options, run, workflow);
    const archive = await buffer(options.vault.read(stored.definition!));
    const facts = await examine(options, stored, archive);
    const message = templateRemark(stored.requested.parameterTemplate, facts.inputs ?? []);
    await run.commit(async (tx) => {
      const doc = (before: WorkflowDoc) => ({ ...before, ...facts });
      await options.workflows.transition(tx, scope, run.subject, 'ACTIVE', {
        doc,
        ...(message ? { message } : {}),
      });
    });
  } catch (error) {
    if (!(error instanceof DefinitionProblem)) throw error;
    await run.commit(async (tx) => {
      await options.workflows.transition(tx, scope, run.subject, 'FAILED', { message: error.message });
    });
  }
}

/** Fetches a definition by URI in the creator's name and stores it; a definition that is stored stays. */
async function withDefinition(
  options: RegistrationOptions,
  run: Run,
  workflow: Workflow,
): Promise<WorkflowDoc> {
  if (workflow.doc.definition) return workflow.doc;
  const archive = await fetchArchive(options, run.actor, workflow.doc.requested.definitionUri!);
  const facts = await storeDefinition(options.vault, run.actor.scope, workflow.id, archive);
  return run.commit(async (tx) => {
    await options.records.blobs.keep(tx, facts.definition.id);
    const updated = await options.workflows.update(tx, workflow.scope, workflow.id, (doc) => ({
      ...doc,
      ...facts,
    }));
    return updated.doc;
  });
}

async function fetchArchive(options: RegistrationOptions, actor: Actor, uri: string): Promise<Buffer> {
  const limit = options.limits.zip.archiveBytes;
  try {
    const { body, size } = await options.objects.open(actor, uri);
    if (size > limit) {
      body.destroy();
      throw new DefinitionProblem(`definitionUri ${uri} has ${size} bytes; at most ${limit} are allowed.`);
    }
    return await buffer(body);
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) {
      throw new DefinitionProblem(`definitionUri ${uri} cannot be read: ${error.message}`);
    }
    throw error;
  }
}

/** Seals the zip under the workflow's key. The caller keeps the blob in the transaction that points to it. */
export async function storeDefinition(
  vault: Vault,
  scope: Scope,
  workflowId: string,
  archive: Uint8Array,
): Promise<{ readonly definition: BlobRef; readonly digest: string }> {
  const sink = await vault.create({ scope, sealedFor: `workflow/${workflowId}` });
  await sink.write(archive);
  const definition = await sink.finish();
  return { definition, digest: `sha256:${createHash('sha256').update(archive).digest('hex')}` };
}

/** What the definition is: its engine, main file, inputs and template; DefinitionProblem where it is none. */
async function examine(
  options: RegistrationOptions,
  doc: WorkflowDoc,
  archive: Buffer,
): Promise<Pick<WorkflowDoc, 'engine' | 'main' | 'inputs' | 'parameterTemplate'>> {
  const files = await readDefinitionZip(archive, options.limits.zip);
  const engine = doc.requested.engine ?? findLanguage(files, doc.requested.main);
  const main = findMain(files, engine, doc.requested.main);
  const checker = options.checkers[engine];
  if (!checker)
    throw new DefinitionProblem(
      `Workflows in ${engine} are not supported by this server yet: only WDL and CWL are.`,
    );
  const { diagnostics, inputs } = await checker.check({ files: texts(files), main });
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0)
    throw new DefinitionProblem(faults.map(describe).join('\n').slice(0, MESSAGE_CHARACTERS));
  return {
    engine,
    main,
    inputs,
    parameterTemplate: doc.requested.parameterTemplate ?? deriveTemplate(inputs),
  };
}

function texts(files: DefinitionFiles): ReadonlyMap<string, string> {
  return new Map([...files].map(([name, bytes]) => [name, bytes.toString('utf8')]));
}

function describe({ column, excerpt, file, line, message }: DefinitionDiagnostic): string {
  return `${file}:${line}:${column}: ${message}${excerpt ? `\n${excerpt}` : ''}`;
}
