import {
  succeeded,
  type TaskFolders,
  taskFailure,
  type TaskOutcome,
  type TaskRequest,
} from '@helicase/runtime';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandWords, shellQuoted, type Word } from '../command/arguments.ts';
import { at, EvaluationError } from '../faults.ts';
import type { Evaluator } from '../expression/evaluator.ts';
import { expressionPlaces } from '../load/expression-places.ts';
import type { CommandLineTool, LoadListing } from '../load/model.ts';
import { isObject, mapFiles, textOf, type Value, type ValueObject } from '../value.ts';
import type { Demands } from './demands.ts';
import { InputValues } from './input-values.ts';
import { FOLDERS, ROOT_CALL } from './places.ts';
import { acceleratorsOf, environmentOf, imageOf, permissionsOf, timeoutOf } from './request-parts.ts';
import { toolResources, type ToolResources } from './resources.ts';
import type { RunContext } from './run-context.ts';
import { withSecretVariables } from './secrets.ts';
import { Staging } from './staging.ts';
import { TaskView } from './task-view.ts';
import { ToolOutputs } from './tool-outputs.ts';
import { prepareWorkDirectory, withMovedPaths } from './work-directory.ts';

/** One call of a tool, from its job to its outputs. Runs it in the host's task; rejects where it fails. */
export class ToolRun {
  readonly #tool: CommandLineTool;
  readonly #demands: Demands;
  readonly #evaluator: Evaluator;
  readonly #context: RunContext;
  readonly #staging: Staging;
  readonly #call: string;
  readonly #folders: TaskFolders;
  readonly #listing: LoadListing;

  constructor(tool: CommandLineTool, demands: Demands, call: string, context: RunContext) {
    this.#tool = tool;
    this.#demands = demands;
    this.#evaluator = demands.evaluator(context);
    this.#context = context;
    this.#call = call;
    this.#folders = taskFolders(demands, context);
    this.#staging = new Staging(this.#folders.inputs, context);
    this.#listing = (textOf(demands.find('LoadListingRequirement')?.['loadListing']) ??
      'no_listing') as LoadListing;
  }

  async run(job: ValueObject): Promise<ValueObject> {
    const { position } = this.#tool;
    const places = expressionPlaces(this.#tool);
    const prepared = await at(position, () => this.#prepare(job), places);
    this.#context.signal.throwIfAborted();
    const outcome = await this.#context.host.run(prepared.request, this.#context.signal);
    this.#context.signal.throwIfAborted();
    if (!succeeded(prepared.request, outcome)) throw await taskFailure(prepared.request, outcome);
    return at(position, () => this.#collect(outcome, prepared), places);
  }

  async #prepare(job: ValueObject) {
    const options = this.#inputOptions();
    const given = await new InputValues(this.#tool, this.#evaluator, options, this.#context).fill(job);
    const scope = { inputs: given, self: null };
    const resources = toolResources(this.#demands, this.#evaluator, scope, this.#folders);
    const { runtime } = resources;
    const adopted = (await mapFiles(given, (file) => this.#staging.adopt(file))) as ValueObject;
    const inputs = await this.#workDirectory(adopted, runtime);
    const request = this.#request(inputs, resources);
    return { request: withSecretVariables(request), inputs, runtime };
  }

  #request(inputs: ValueObject, { cpus, memoryBytes, runtime }: ToolResources): TaskRequest {
    const evaluate = (value: Value, self: Value) =>
      this.#evaluator.evaluate(value, { inputs, self, runtime });
    const file = (name: 'stdin' | 'stdout' | 'stderr') => this.#streamFile(name, evaluate);
    const plain = (value: Value) => evaluate(value, null);
    const demands = this.#demands;
    return {
      ...{ call: this.#call, attempt: 1, name: nameOfCall(this.#call) },
      argv: this.#command(commandWords(this.#tool, inputs, evaluate)),
      environment: environmentOf(demands, this.#folders, plain),
      workDirectory: this.#folders.work,
      ...{ ...file('stdin'), ...file('stdout'), ...file('stderr') },
      ...imageOf(demands, plain, this.#tool.position),
      resources: { cpus, memoryBytes, ...timeoutOf(demands, plain), ...acceleratorsOf(demands, plain) },
      inputs: this.#staging.inputs(),
      ...permissionsOf(demands, plain),
      successCodes: successCodes(this.#tool),
      source: this.#tool.position,
    };
  }

  #inputOptions() {
    return { listing: this.#listing, discover: this.#call === ROOT_CALL };
  }

  async #workDirectory(inputs: ValueObject, runtime: ValueObject): Promise<ValueObject> {
    const listing = this.#demands.find('InitialWorkDirRequirement')?.['listing'];
    if (listing === undefined) return inputs;
    await prepareWorkDirectory({
      listing,
      evaluator: this.#evaluator,
      scope: { inputs, self: null, runtime },
      staging: this.#staging,
      work: this.#folders.work,
      absolute: this.#demands.requires('DockerRequirement'),
      context: this.#context,
    });
    return withMovedPaths(inputs, this.#staging, this.#folders.work);
  }

  /** Absolute: names are relative to the work directory. */
  #streamFile(name: 'stdin' | 'stdout' | 'stderr', evaluate: (value: Value, self: Value) => Value) {
    const written = this.#tool[name];
    if (written === undefined) return {};
    const value = evaluate(written, null);
    if (typeof value === 'string')
      return { [name]: posix.join(value.startsWith('/') ? '/' : this.#folders.work, value) };
    throw new EvaluationError(`"${name}" must name a file; it is ${JSON.stringify(value)}.`);
  }

  #command(words: readonly Word[]): string[] {
    const { baseCommand } = this.#tool;
    if (!this.#demands.find('ShellCommandRequirement'))
      return [...baseCommand, ...words.map(({ text }) => text)];
    const quoted = words.map(({ quoted, text }) => (quoted ? shellQuoted(text) : text));
    return ['/bin/sh', '-c', [...baseCommand.map(shellQuoted), ...quoted].join(' ')];
  }

  async #collect(outcome: TaskOutcome, { inputs, runtime }: { inputs: ValueObject; runtime: ValueObject }) {
    await this.#context.files.trust(outcome.workDirectory);
    if (this.#demands.find('InplaceUpdateRequirement')?.['inplaceUpdate'] === true) {
      for (const [location, rest] of this.#staging.writable(this.#folders.work)) {
        this.#context.files.replace(location, pathToFileURL(outcome.workDirectory + rest).href);
      }
    }
    const outputs = new ToolOutputs({
      tool: this.#tool,
      view: new TaskView(this.#folders.work, outcome.workDirectory, this.#staging, this.#context),
      evaluator: this.#evaluator,
      inputs,
      runtime: { ...runtime, exitCode: outcome.exitCode ?? 0 },
      listing: this.#listing,
      context: this.#context,
    });
    return (await mapFiles(await outputs.collect(), async (file) => withoutPaths(file))) as ValueObject;
  }
}

/** What users see: `main.align[3]` is `align-3`. */
function nameOfCall(call: string): string {
  return call
    .split('.')
    .at(-1)!
    .replace(/\[(\d+)\]/g, '-$1');
}

/** "dockerOutputDirectory: the designated output directory inside the Docker container", where the host has no say. */
function taskFolders(demands: Demands, { host }: RunContext): TaskFolders {
  const own = host.folders?.();
  if (own) return own;
  const named = textOf(demands.find('DockerRequirement')?.['dockerOutputDirectory']);
  return named === undefined ? FOLDERS : { ...FOLDERS, work: named };
}

/** 0, unless it is named among the failures, and those that are named. */
function successCodes({
  permanentFailCodes,
  successCodes: named,
  temporaryFailCodes,
}: CommandLineTool): number[] {
  const fails = [...permanentFailCodes, ...temporaryFailCodes];
  return [...(fails.includes(0) ? [] : [0]), ...named];
}

/** Paths are the task's own; outside of it a file is known by its location. */
export function withoutPaths(file: ValueObject): ValueObject {
  const { dirname: _dirname, path, ...rest } = file;
  if (
    rest['location'] === undefined &&
    rest['contents'] === undefined &&
    path !== undefined &&
    rest['listing'] === undefined
  ) {
    return { ...rest, location: path };
  }
  for (const name of ['secondaryFiles', 'listing']) {
    if (Array.isArray(rest[name]))
      rest[name] = rest[name].map((one) => (isObject(one) ? withoutPaths(one) : one));
  }
  return rest;
}
