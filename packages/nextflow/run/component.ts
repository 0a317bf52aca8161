import { callOnChannels } from '../dataflow/session.ts';
import type { Machine } from '../evaluate/machine.ts';
import type { Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { Both } from './operator-call.ts';
import type { Session } from './session.ts';

/** A process or a workflow under one of the names by which it is included: called, piped to, or asked for `out`. */
export abstract class Component<Definition, Out extends Value> extends GroovyObject {
  readonly name: string;
  readonly definition: Definition;
  readonly machine: Machine;
  /** Of the script that defines it. */
  readonly scope: Scope;
  readonly session: Session;
  protected abstract readonly noun: string;
  protected out: Out | undefined;

  constructor(name: string, definition: Definition, machine: Machine, scope: Scope, session: Session) {
    super();
    this.name = name;
    this.definition = definition;
    this.machine = machine;
    this.scope = scope;
    this.session = session;
  }

  abstract named(alias: string): Component<Definition, Out>;
  abstract run(args: readonly Value[]): Out;

  override property(name: string): Value | undefined {
    if (name !== 'out') return name === 'name' ? this.name : undefined;
    if (this.out === undefined)
      throw fault(
        `The ${this.noun} "${this.name}" has not been called yet: its outputs are there after the call.`,
      );
    return this.out;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'call') return this.run(args);
    if (name === 'or') return callOnChannels(args[0], [this.run([])]);
    if (name === 'and')
      return new Both(
        [this, args[0]],
        (callee, given) => (callee as GroovyObject).invoke('call', given) ?? null,
      );
    return name === 'recurse' ? this.session.recurse(this, args) : undefined;
  }

  toString(): string {
    return `${this.noun} ${this.name}`;
  }
}
