import { asChannel } from '../dataflow/as-channel.ts';
import { Channel } from '../dataflow/channel.ts';
import { ChannelList } from '../dataflow/channel-list.ts';
import type { Closure, Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import type { Value } from '../values/value.ts';
import { Component } from './component.ts';
import { isOperator } from '../dataflow/operators/index.ts';
import { OperatorCall } from './operator-call.ts';

export interface WorkflowDefinition {
  readonly name: string | null;
  readonly place: number;
  readonly takes: readonly string[];
  readonly emits: readonly (string | null)[];
  readonly body: (scope: Scope) => {
    readonly emits: readonly NamedValue[];
    readonly publishes: readonly NamedValue[];
  };
  readonly onComplete: Closure | null;
  readonly onError: Closure | null;
}

interface NamedValue {
  readonly name: string | null;
  readonly place: number;
  readonly value: Value;
}

/** A workflow that can be called; each name under which it is included is another one. */
export class WorkflowComponent extends Component<WorkflowDefinition, Value> {
  readonly className = 'WorkflowDef';
  protected readonly noun = 'workflow';

  named(alias: string): WorkflowComponent {
    return new WorkflowComponent(alias, this.definition, this.machine, this.scope, this.session);
  }

  run(args: readonly Value[]): Value {
    const { takes } = this.definition;
    const given = args.flatMap((arg) =>
      arg instanceof ChannelList && takes.length !== args.length
        ? [...arg.channels]
        : [arg instanceof ChannelList ? (asChannel(arg) ?? arg) : arg],
    );
    if (given.length !== takes.length) {
      throw fault(
        `The workflow "${this.name}" takes ${takes.length} input channel${takes.length === 1 ? '' : 's'} but ${given.length} ${given.length === 1 ? 'was' : 'were'} given.`,
      );
    }
    return this.session.within(this.name, () => this.#evaluate(given));
  }

  #evaluate(given: readonly Value[]): Value {
    const scope = new WorkflowScope(this.scope);
    for (const [index, name] of this.definition.takes.entries()) scope.set(name, given[index]);
    const { emits, publishes } = this.definition.body(scope);
    for (const { name, place, value } of publishes)
      this.session.publish({
        ...{ name: name ?? '', value },
        located: (error) => this.machine.located(error, place),
      });
    const channels = emits.map(({ value }) => this.#emitted(value));
    const names = new Map(
      emits.flatMap(({ name }, index) => (name === null ? [] : [[name, channels[index]] as const])),
    );
    const flat =
      channels.length === 1 && channels[0] instanceof ChannelList && names.size === 0
        ? channels[0]
        : undefined;
    this.out = flat ?? new ChannelList(this.name, channels, names);
    return this.out;
  }

  #emitted(value: Value): Value {
    if (value instanceof Channel || value === undefined) return value;
    if (value instanceof ChannelList) return value.only ?? value;
    const channel = this.session.channel(true);
    channel.bind(value);
    return channel;
  }

  override key(): Value {
    return this;
  }
}

/** The names inside of a workflow: its inputs and what it assigns, then those of the script. */
export class WorkflowScope implements Scope {
  readonly #values = new Map<string, Value>();
  readonly outer: Scope;

  constructor(outer: Scope) {
    this.outer = outer;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  lookup(name: string): Value | undefined {
    const own = this.#values.get(name);
    if (own !== undefined) return own;
    const outer = this.outer.lookup(name);
    return outer === undefined && isOperator(name) ? new OperatorCall(name, []) : outer;
  }

  assign(name: string, value: Value): boolean {
    this.#values.set(name, value);
    return true;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    if (this.#values.has(name)) return undefined;
    const result = this.outer.call(name, args);
    if (result !== undefined || this.outer.lookup(name) !== undefined) return result;
    return isOperator(name) ? new OperatorCall(name, args) : undefined;
  }

  *names(): Iterable<string> {
    yield* this.#values.keys();
    yield* this.outer.names();
  }
}
