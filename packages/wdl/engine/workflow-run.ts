import type { Call, Workflow } from '../check/program.ts';
import { type Environment, evaluate } from '../evaluate/evaluator.ts';
import { NOTHING, object, type ObjectValue, type Value } from '../evaluate/value.ts';
import type { Position } from '../syntax/position.ts';
import { type CallPath, callPath } from './call-path.ts';
import { locating } from './failures.ts';
import { declaredValue, givenInput, handled } from './names.ts';
import type { RunContext } from './run-context.ts';
import { SectionRun } from './section-run.ts';
import { runTask } from './task-run.ts';

/** One run of a workflow: the main one, or a call of one inside another. */
export class WorkflowRun {
  readonly #workflow: Workflow;
  readonly #context: RunContext;
  readonly #outer: CallPath | undefined;
  readonly #values = new Map<string, Promise<Value>>();
  readonly #body: SectionRun;

  constructor(workflow: Workflow, context: RunContext, outer?: CallPath) {
    this.#workflow = workflow;
    this.#context = context;
    this.#outer = outer;
    this.#body = new SectionRun(workflow.body, this);
  }

  /** Runs it to its end. Rejects as soon as anything in it fails. */
  async complete(inputs: ReadonlyMap<string, Value>): Promise<ObjectValue> {
    return this.located(this.#workflow.position, async () => {
      for (const input of this.#workflow.inputs) {
        const given = givenInput(input, inputs);
        if (given) this.#values.set(input.name, Promise.resolve(given));
      }
      await this.#body.complete();
      const outputs: [string, Value][] = [];
      for (const { name } of this.#workflow.outputs) outputs.push([name, await this.#body.resolve(name)]);
      return object(outputs);
    });
  }

  /** Names that belong to no section: inputs and outputs. */
  resolve(name: string): Promise<Value> {
    const known = this.#values.get(name);
    if (known) return known;
    const declared = [...this.#workflow.inputs, ...this.#workflow.outputs].find(
      (entry) => entry.name === name,
    );
    const value = declared
      ? handled(declaredValue(declared, this.#body.environment))
      : Promise.resolve(NOTHING);
    this.#values.set(name, value);
    return value;
  }

  environment(names: Pick<Environment, 'resolve' | 'output'>): Environment {
    const { structs, file } = this.#workflow.home;
    return { ...names, structs, files: this.#context.files.access(file) };
  }

  startShards(count: number): void {
    this.#context.startShards(count);
  }

  /** Makes one call: waits for its inputs, then runs the task or workflow. */
  async call(node: Call, section: SectionRun): Promise<ObjectValue> {
    const call = callPath(this.#outer, this.#workflow.name, node.name, section.indexes);
    return this.located(
      node.position,
      async () => {
        await Promise.all(node.after.map((name) => section.finished(name)));
        const inputs = this.#context.nested.inputs(call.path);
        const values = await Promise.all(
          node.inputs.map(({ value }) => evaluate(value, section.environment)),
        );
        for (const [index, { name }] of node.inputs.entries()) inputs.set(name, values[index]!);
        this.#context.signal.throwIfAborted();
        if (node.callee.kind === 'workflow')
          return new WorkflowRun(node.callee, this.#context, call).complete(inputs);
        return runTask({ task: node.callee, inputs, call, position: node.position }, this.#context);
      },
      call.path,
    );
  }

  /** Runs `work`; its failure is the run's, and ends everything else. */
  async located<T>(position: Position, work: () => Promise<T>, call?: string): Promise<T> {
    try {
      return await locating('WORKFLOW_RUN_FAILED', position, call, work);
    } catch (error) {
      this.#context.fail(error);
      throw error;
    }
  }
}
