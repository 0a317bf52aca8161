import type { Call, Conditional, Declaration, PlanNode, Scatter, Section } from '../check/program.ts';
import { coerce } from '../evaluate/coerce.ts';
import { type Environment, evaluate } from '../evaluate/evaluator.ts';
import { isTrue } from '../evaluate/library/function.ts';
import { array, NOTHING, type ObjectValue, type Value } from '../evaluate/value.ts';
import { declaredValue, handled } from './names.ts';
import type { WorkflowRun } from './workflow-run.ts';

/** How often a run lets other work pass while it starts the shards of a large scatter. */
const SHARDS_AT_ONCE = 500;

/**
 * One instance of a workflow's body, or of a scatter's or conditional's: a shard. Every name is a promise that is made
 * once; what needs it awaits it. So whatever is ready runs, and the order of the source does not matter.
 */
export class SectionRun {
  readonly #section: Section;
  readonly #run: WorkflowRun;
  readonly #parent: SectionRun | undefined;
  readonly #variable: { readonly name: string; readonly value: Value } | undefined;
  /** Of the scatters around, from the outside in. */
  readonly indexes: readonly number[];
  readonly #values = new Map<string, Promise<Value>>();
  readonly #calls = new Map<string, Promise<ObjectValue>>();
  readonly #instances = new Map<PlanNode, Promise<readonly SectionRun[]>>();
  readonly environment: Environment;

  constructor(
    section: Section,
    run: WorkflowRun,
    parent?: SectionRun,
    indexes: readonly number[] = [],
    variable?: { readonly name: string; readonly value: Value },
  ) {
    this.#section = section;
    this.#run = run;
    this.#parent = parent;
    this.#variable = variable;
    this.indexes = indexes;
    this.environment = run.environment({
      resolve: (name) => this.resolve(name),
      output: (call, name) => this.output(call, name),
    });
  }

  /** Starts everything in the section; resolves when all of it is done. */
  async complete(): Promise<void> {
    await Promise.all(this.#section.nodes.map((node) => handled(this.#completeNode(node))));
  }

  async #completeNode(node: PlanNode): Promise<void> {
    if (node.kind === 'declaration') await this.resolve(node.name);
    else if (node.kind === 'call') await this.#call(node);
    else {
      const instances = await this.#expand(node);
      const pending: Promise<void>[] = [];
      for (const [index, instance] of instances.entries()) {
        pending.push(handled(instance.complete()));
        if (index % SHARDS_AT_ONCE === SHARDS_AT_ONCE - 1) await new Promise(setImmediate);
      }
      await Promise.all(pending);
    }
  }

  resolve(name: string): Promise<Value> {
    if (this.#variable?.name === name) return Promise.resolve(this.#variable.value);
    return this.#own(name) ?? this.#parent?.resolve(name) ?? this.#run.resolve(name);
  }

  #own(name: string): Promise<Value> | undefined {
    const node = this.#section.own.get(name);
    const inner = this.#section.inner.get(name);
    if (node?.kind === 'declaration') return this.#once(name, () => this.#declared(node));
    return inner && this.#once(name, () => this.#gather(inner, (instance) => instance.resolve(name)));
  }

  #declared(node: Declaration): Promise<Value> {
    return declaredValue(node, this.environment);
  }

  /** The output of a call as it is seen from here; undefined where the name is no call. */
  output(call: string, name: string): Promise<Value> | undefined {
    if (this.#variable?.name === call) return undefined;
    const node = this.#section.own.get(call);
    if (node?.kind === 'call')
      return this.#call(node).then((outputs) => outputs.members.get(name) ?? NOTHING);
    if (node) return undefined;
    const inner = this.#section.inner.get(call);
    if (!inner) return this.#parent?.output(call, name);
    if (!isCall(inner.body, call)) return undefined;
    return this.#once(`${call}.${name}`, () =>
      this.#gather(inner, (instance) => instance.output(call, name) ?? Promise.resolve(NOTHING)),
    );
  }

  /** Resolves when the call, with all its shards, is done. */
  async finished(call: string): Promise<void> {
    const node = this.#section.own.get(call);
    const inner = this.#section.inner.get(call);
    if (node?.kind === 'call') await this.#call(node);
    else if (inner) {
      const instances = await this.#expand(inner);
      await Promise.all(instances.map((instance) => instance.finished(call)));
    } else await this.#parent?.finished(call);
  }

  #once(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#values.get(key);
    if (known) return known;
    const value = handled(make());
    this.#values.set(key, value);
    return value;
  }

  #call(node: Call): Promise<ObjectValue> {
    const known = this.#calls.get(node.name);
    if (known) return known;
    const outputs = handled(this.#run.call(node, this));
    this.#calls.set(node.name, outputs);
    return outputs;
  }

  /** What is declared inside a section, seen from outside: an array of all shards', or perhaps nothing. */
  async #gather(node: Scatter | Conditional, get: (instance: SectionRun) => Promise<Value>): Promise<Value> {
    const instances = await this.#expand(node);
    if (node.kind === 'scatter') return array(await Promise.all(instances.map(get)));
    return instances[0] ? get(instances[0]) : NOTHING;
  }

  #expand(node: Scatter | Conditional): Promise<readonly SectionRun[]> {
    const known = this.#instances.get(node);
    if (known) return known;
    const instances = handled(this.#run.located(node.position, () => this.#instantiate(node)));
    this.#instances.set(node, instances);
    return instances;
  }

  async #instantiate(node: Scatter | Conditional): Promise<readonly SectionRun[]> {
    if (node.kind === 'conditional') {
      const holds = isTrue(await evaluate(node.condition, this.environment));
      return holds ? [new SectionRun(node.body, this.#run, this, this.indexes)] : [];
    }
    this.#run.startShards(0); // where there are too many already, not even the collection is made
    const collection = coerce(await evaluate(node.collection, this.environment), ARRAY);
    const items = collection.kind === 'Array' ? collection.items : [];
    this.#run.startShards(items.length);
    return items.map((value, index) => {
      const variable = { name: node.variable, value };
      return new SectionRun(node.body, this.#run, this, [...this.indexes, index], variable);
    });
  }
}

const ARRAY = {
  kind: 'Array',
  item: { kind: 'Any', optional: true },
  nonEmpty: false,
  optional: false,
} as const;

function isCall(section: Section, name: string): boolean {
  const own = section.own.get(name);
  if (own) return own.kind === 'call';
  const inner = section.inner.get(name);
  return inner ? isCall(inner.body, name) : false;
}
