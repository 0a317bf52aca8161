import { realpath } from 'node:fs/promises';
import type { LanguageEngine, LanguageResult, LanguageRun } from '@helicase/runtime';
import { asEngineFailure, DocumentError } from '../faults.ts';
import { Javascript } from '../expression/javascript.ts';
import { Formats } from '../files/formats.ts';
import { RunFiles } from '../files/run-files.ts';
import type { DefinitionReader } from '../load/documents.ts';
import type { Process } from '../load/model.ts';
import { definitionFolder, openMain } from '../load/open.ts';
import { readRequirements, refuseUnknown } from '../load/requirements.ts';
import type { ValueObject } from '../value.ts';
import { Demands } from './demands.ts';
import { withFiles } from './parameters.ts';
import { ROOT_CALL } from './places.ts';
import { publishOutputs } from './publication.ts';
import type { RunContext } from './run-context.ts';
import { runProcess } from './run-process.ts';
import { refuseOpenSecrets } from './secrets.ts';

/** CWL 1.0, 1.1 and 1.2. `main` may name a process of the file: `packed.cwl#main`. */
export const cwlEngine: LanguageEngine = { run };

async function run(request: LanguageRun): Promise<LanguageResult> {
  let process: Process;
  try {
    const root = await realpath(request.definition);
    process = await openMain(definitionFolder(request.definition), root, request.main);
  } catch (error) {
    throw asEngineFailure(error);
  }
  return runOpened(process, request);
}

/** Runs a process that was opened before. */
export async function runOpened(process: Process, request: LanguageRun): Promise<LanguageResult> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  try {
    return await toItsOutputs(process, request, signal);
  } catch (error) {
    failed.abort();
    throw asEngineFailure(error);
  }
}

async function toItsOutputs(
  process: Process,
  { definition, host, parameters }: LanguageRun,
  signal: AbortSignal,
): Promise<LanguageResult> {
  const files = new RunFiles(host);
  await files.trust(definition);
  await files.trust(host.scratch());
  const formats = await readFormats(process, definitionFolder(definition));
  const job = withFiles(process, parameters as ValueObject);
  refuseOpenSecrets(process, job);
  const demands = jobDemands(process, job);
  using javascript = needsJavascript(process, demands) ? await Javascript.create() : undefined;
  const context: RunContext = { host, files, javascript, formats, signal, runProcess };
  const outputs = await runProcess(process, job, demands, ROOT_CALL, context);
  return publishOutputs(outputs, context);
}

/** `cwl:requirements` of the job. */
function jobDemands(process: Process, job: ValueObject): Demands {
  const own = readRequirements(job['cwl:requirements'], process.position);
  for (const name of own.keys()) refuseUnknown(name, process.position);
  return new Demands(own);
}

async function readFormats(process: Process, read: DefinitionReader): Promise<Formats> {
  const formats = new Formats();
  for (const path of schemasOf(process)) {
    const text = await read(path);
    if (text === undefined)
      throw new DocumentError(process.position, `The ontology ${path} is not in the definition.`);
    await formats.add(text);
  }
  return formats;
}

/** Starting the interpreter takes longer than many a tool. */
function needsJavascript(process: Process, around: Demands): boolean {
  const demands = around.within(process);
  if (demands.find('InlineJavascriptRequirement')) return true;
  return (
    process.class === 'Workflow' &&
    process.steps.some((step) => {
      const inner = demands.within(step);
      return inner.find('InlineJavascriptRequirement') !== undefined || needsJavascript(step.run, inner);
    })
  );
}

function schemasOf(process: Process): Set<string> {
  const inner = process.class === 'Workflow' ? process.steps.flatMap((step) => [...schemasOf(step.run)]) : [];
  return new Set([...process.schemas, ...inner]);
}
