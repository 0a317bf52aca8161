import { fitsOutput, shown } from '../check-value.ts';
import { at, DocumentError, EvaluationError } from '../faults.ts';
import { expressionPlaces } from '../load/expression-places.ts';
import type { ExpressionTool, LoadListing, Process } from '../load/model.ts';
import { typeText } from '../load/types.ts';
import {
  isFileOrDirectory,
  isObject,
  mapFiles,
  setMember,
  textOf,
  type Value,
  type ValueObject,
} from '../value.ts';
import type { Demands } from './demands.ts';
import { describeFile } from './describe-file.ts';
import { InputValues } from './input-values.ts';
import { FOLDERS, ROOT_CALL } from './places.ts';
import { toolResources } from './resources.ts';
import type { RunContext } from './run-context.ts';
import { ToolRun } from './tool-run.ts';
import { WorkflowRun } from './workflow-run.ts';

/** Runs a process of any class to its outputs. `around` holds the requirements of what is around it. */
export async function runProcess(
  process: Process,
  job: ValueObject,
  around: Demands,
  call: string,
  context: RunContext,
): Promise<ValueObject> {
  const demands = around.within(process);
  switch (process.class) {
    case 'CommandLineTool':
      return new ToolRun(process, demands, call, context).run(job);
    case 'ExpressionTool':
      return at(
        process.position,
        () => runExpression(process, job, demands, call, context),
        expressionPlaces(process),
      );
    case 'Workflow': {
      const inputs = await new InputValues(
        process,
        demands.evaluator(context),
        inputOptions(demands, call),
        context,
      ).fill(job);
      return new WorkflowRun(process, demands, call, context).run(inputs);
    }
  }
}

function listingOf(demands: Demands): LoadListing {
  return (textOf(demands.find('LoadListingRequirement')?.['loadListing']) ?? 'no_listing') as LoadListing;
}

function inputOptions(demands: Demands, call: string) {
  return { listing: listingOf(demands), discover: call === ROOT_CALL };
}

async function runExpression(
  tool: ExpressionTool,
  job: ValueObject,
  demands: Demands,
  call: string,
  context: RunContext,
): Promise<ValueObject> {
  const evaluator = demands.evaluator(context);
  const filled = await new InputValues(tool, evaluator, inputOptions(demands, call), context).fill(job);
  const { runtime } = toolResources(demands, evaluator, { inputs: filled, self: null }, FOLDERS);
  // Nothing is staged for an expression; a file's path is then where it lies.
  const inputs = (await mapFiles(filled, async (file) => withPath(file))) as ValueObject;
  const result = evaluator.evaluate(tool.expression, { inputs, self: null, runtime });
  if (!isObject(result))
    throw new EvaluationError(`The expression must give an object; it gives ${shown(result)}.`);
  const outputs: ValueObject = {};
  for (const { name, position, type } of tool.outputs) {
    const value = await mapFiles(result[name] ?? null, (file) => describeFile(file, context));
    if (!fitsOutput(type, value)) {
      throw new DocumentError(position, `Output ${name} must be ${typeText(type)}; it is ${shown(value)}.`);
    }
    setMember(outputs, name, value);
  }
  return outputs;
}

function withPath(file: ValueObject): Value {
  const location = textOf(file['location']);
  const changed: ValueObject = { ...file };
  if (location?.startsWith('file://')) changed['path'] = decodeURIComponent(location.slice(7));
  for (const name of ['secondaryFiles', 'listing']) {
    const inside = file[name];
    if (Array.isArray(inside))
      changed[name] = inside.map((one) => (isFileOrDirectory(one) ? withPath(one) : one));
  }
  return changed;
}
