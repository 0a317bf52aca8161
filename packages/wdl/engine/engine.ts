import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { LanguageEngine, LanguageResult, LanguageRun } from '@helicase/runtime';
import { linkDefinition } from '../check/check.ts';
import type { DefinitionReader } from '../check/loader.ts';
import type { Workflow } from '../check/program.ts';
import { formatDiagnostic } from '../diagnostics/excerpt.ts';
import { engineFailure, locating } from './failures.ts';
import { NestedInputs } from './nested-inputs.ts';
import { readParameters } from './parameters.ts';
import { publishOutputs } from './publication.ts';
import { RunContext } from './run-context.ts';
import { RunFiles } from './run-files.ts';
import { WorkflowRun } from './workflow-run.ts';

/** WDL by the letter (`WDL`). */
export const wdlEngine: LanguageEngine = { run: (run) => runDefinition(run, false) };

/** WDL with Cromwell's tolerance (`WDL_LENIENT`). */
export const lenientWdlEngine: LanguageEngine = { run: (run) => runDefinition(run, true) };

async function runDefinition(run: LanguageRun, lenient: boolean): Promise<LanguageResult> {
  const workflow = await link(run, lenient);
  const { inputs, nested, problems } = readParameters(workflow, run.parameters);
  if (problems.length > 0) {
    throw engineFailure(
      'WORKFLOW_RUN_FAILED',
      `The parameters do not fit the workflow: ${problems.join(' ')}`,
    );
  }
  const files = await RunFiles.open(run.host, run.definition);
  const context = new RunContext(run.host, files, new NestedInputs(nested), run.signal);
  const outputs = await complete(workflow, inputs, context);
  return locating('WORKFLOW_RUN_FAILED', workflow.position, undefined, () =>
    publishOutputs(workflow, outputs, files),
  );
}

type Inputs = Parameters<WorkflowRun['complete']>[0];

/** On a failure, waits until every other task has ended; the first failure is the one that is told. */
async function complete(workflow: Workflow, inputs: Inputs, context: RunContext) {
  try {
    const outputs = await new WorkflowRun(workflow, context).complete(inputs);
    context.signal.throwIfAborted();
    return outputs;
  } catch (error) {
    context.fail(error);
    await context.settle();
    throw error;
  }
}

async function link({ definition, main }: LanguageRun, lenient: boolean): Promise<Workflow> {
  const { workflow, diagnostics } = await linkDefinition({
    files: definitionFolder(definition),
    main,
    lenient,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (workflow && errors.length === 0) return workflow;
  const position = errors[0]?.position;
  throw engineFailure('WORKFLOW_RUN_FAILED', errors.map(formatDiagnostic).join('\n'), {
    ...(position && { position }),
  });
}

/** Reads the files of a folder, and none that a link leads out of it to. */
export function definitionFolder(folder: string): DefinitionReader {
  return async (path) => {
    try {
      const root = await realpath(folder);
      const real = await realpath(join(root, path));
      return real.startsWith(root + sep) ? await readFile(real, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  };
}
