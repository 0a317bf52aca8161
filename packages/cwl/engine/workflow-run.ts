import { fitsOutput, shown } from '../check-value.ts';
import { at, EvaluationError } from '../faults.ts';
import { isBefore } from '../load/versions.ts';
import type { Evaluator } from '../expression/evaluator.ts';
import { expressionPlaces } from '../load/expression-places.ts';
import type { OutputParameter, StepInput, Workflow, WorkflowStep } from '../load/model.ts';
import { typeText } from '../load/types.ts';
import { isDirectory, isFile, mapFiles, setMember, textOf, type Value, type ValueObject } from '../value.ts';
import { condition } from './condition.ts';
import type { Demands } from './demands.ts';
import { applyListing, describeFile } from './describe-file.ts';
import { merged } from './links.ts';
import { iterate } from './loop.ts';
import type { RunContext } from './run-context.ts';
import { flat, gathered, shards } from './scatter.ts';

/** One run of a workflow: every step starts when what it reads is there. */
export class WorkflowRun {
  readonly #workflow: Workflow;
  readonly #demands: Demands;
  readonly #call: string;
  readonly #context: RunContext;
  readonly #steps = new Map<string, Promise<ValueObject>>();
  #inputs: ValueObject = {};

  constructor(workflow: Workflow, demands: Demands, call: string, context: RunContext) {
    this.#workflow = workflow;
    this.#demands = demands;
    this.#call = call;
    this.#context = context;
  }

  async run(inputs: ValueObject): Promise<ValueObject> {
    this.#inputs = inputs;
    await Promise.all(this.#workflow.steps.map((step) => this.#step(step)));
    const outputs: ValueObject = {};
    for (const output of this.#workflow.outputs) {
      const value = await at(output.position, () => this.#output(output));
      setMember(outputs, output.name, value);
    }
    return outputs;
  }

  async #output({ name, sink, type }: OutputParameter): Promise<Value> {
    const value = (sink && merged(sink, await this.#values(sink.sources))) ?? null;
    if (fitsOutput(type, value) || (value === null && this.#isLoops(sink))) return value;
    throw new EvaluationError(`Output ${name} must be ${typeText(type)}; it is ${shown(value)}.`);
  }

  /** A loop that never runs gives null, whatever its step's outputs are: so have the extension's own tests. */
  #isLoops(sink: OutputParameter['sink']): boolean {
    const looped = this.#workflow.steps.filter(({ loop }) => loop !== undefined).map(({ name }) => name);
    return sink?.sources.some((source) => looped.includes(source.split('/')[0]!)) ?? false;
  }

  /** Started once; those that read its outputs wait for the same promise. */
  #step(step: WorkflowStep): Promise<ValueObject> {
    const known = this.#steps.get(step.name);
    if (known) return known;
    const running = this.#runStep(step);
    this.#steps.set(step.name, running);
    return running;
  }

  async #values(sources: readonly string[]): Promise<Value[]> {
    return Promise.all(
      sources.map(async (source) => {
        const [name, output] = source.split('/', 2) as [string, string | undefined];
        if (output === undefined) return this.#inputs[name] ?? null;
        const step = this.#workflow.steps.find((one) => one.name === name)!;
        return (await this.#step(step))[output] ?? null;
      }),
    );
  }

  async #runStep(step: WorkflowStep): Promise<ValueObject> {
    const job = await at(step.position, () => this.#job(step));
    const demands = this.#demands.within(step);
    const evaluator = demands.evaluator(this.#context);
    const call = `${this.#call}.${step.name}`;
    if (step.scatter.length === 0) return this.#one(step, job, demands, evaluator, call);
    const shape = await at(step.position, () => shards(step, job));
    const running = flat(shape).map((one, index) =>
      this.#one(step, one, demands, evaluator, `${call}[${index}]`),
    );
    const results = await Promise.all(running);
    const outputs: ValueObject = {};
    for (const name of step.outputs) setMember(outputs, name, gathered(shape, results, name));
    return outputs;
  }

  async #job(step: WorkflowStep): Promise<ValueObject> {
    const job: ValueObject = {};
    for (const input of step.inputs) setMember(job, input.name, await this.#given(input));
    return job;
  }

  async #given(input: StepInput): Promise<Value> {
    const value = merged(input, await this.#values(input.sources)) ?? null;
    const given = value === null ? (input.default ?? null) : value;
    return mapFiles(given, async (file) => {
      const described = await describeFile(file, this.#context);
      if (isFile(described) && input.loadContents) {
        const strict = !isBefore(this.#workflow.cwlVersion, 'v1.2');
        described['contents'] = await this.#context.files.contents(textOf(described['location'])!, strict);
      }
      if (isDirectory(described) && input.loadListing)
        await applyListing(described, input.loadListing, this.#context);
      return described;
    });
  }

  /** One call: valueFrom of its inputs, the condition, the process. */
  async #one(
    step: WorkflowStep,
    given: ValueObject,
    demands: Demands,
    evaluator: Evaluator,
    call: string,
  ): Promise<ValueObject> {
    const places = expressionPlaces(this.#workflow);
    const job = await at(step.position, () => this.#valuesFrom(step, given, evaluator), places);
    const process = (own: ValueObject, place: string) =>
      this.#context.runProcess(step.run, ownInputs(step, own), demands, place, this.#context);
    if (step.loop) return iterate({ step, loop: step.loop, evaluator, call, places, run: process }, job);
    if (!(await at(step.position, () => isWanted(step, job, evaluator), places))) return skipped(step);
    return process(job, call);
  }

  /** "self is the value of the parameter, inputs are those before valueFrom of any". */
  #valuesFrom(step: WorkflowStep, given: ValueObject, evaluator: Evaluator): ValueObject {
    const inputs = withDefaults(step, given);
    const job: ValueObject = { ...inputs };
    for (const { name, valueFrom } of step.inputs) {
      if (valueFrom === undefined) continue;
      setMember(job, name, evaluator.evaluate(valueFrom, { inputs, self: given[name] ?? null, runtime: {} }));
    }
    return job;
  }
}

/** Expressions of the step see what the process's own defaults would give. */
function withDefaults(step: WorkflowStep, given: ValueObject): ValueObject {
  const inputs: ValueObject = { ...given };
  for (const { default: fallback, name } of step.run.inputs) {
    const linked = step.inputs.some((input) => input.name === name);
    if (!linked && fallback !== undefined) setMember(inputs, name, fallback);
  }
  return inputs;
}

/** What the process has inputs for; the others are for the step's own expressions. */
function ownInputs(step: WorkflowStep, job: ValueObject): ValueObject {
  const known = new Set(step.run.inputs.map(({ name }) => name));
  return Object.fromEntries(Object.entries(job).filter(([name]) => known.has(name)));
}

function isWanted({ when }: WorkflowStep, inputs: ValueObject, evaluator: Evaluator): boolean {
  if (when === undefined) return true;
  return condition('when', when, inputs, evaluator);
}

/** "A step that is skipped gives null for all outputs." */
function skipped(step: WorkflowStep): ValueObject {
  return Object.fromEntries(step.outputs.map((name) => [name, null]));
}
