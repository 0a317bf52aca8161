import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { Channel } from './channel.ts';
import { giveName } from './give-name.ts';
import { callOnChannels } from './session.ts';

/** The outputs of a process or workflow: by index, by name, and as a channel where there is one alone. */
export class ChannelList extends GroovyObject {
  readonly className = 'ChannelOut';
  readonly owner: string;
  readonly channels: readonly Value[];
  readonly #names: ReadonlyMap<string, Value>;

  constructor(owner: string, channels: readonly Value[], names: ReadonlyMap<string, Value>) {
    super();
    this.owner = owner;
    this.channels = channels;
    this.#names = names;
  }

  get only(): Channel | undefined {
    const [first] = this.channels;
    return this.channels.length === 1 && first instanceof Channel ? first : undefined;
  }

  override property(name: string): Value | undefined {
    return this.#names.get(name);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'getAt') {
      const found = typeof args[0] === 'number' ? this.channels[args[0]] : this.#names.get(String(args[0]));
      if (found === undefined)
        throw fault(`${this.owner} has no output ${String(args[0])}; it has ${this.channels.length}.`);
      return found;
    }
    if (name === 'size') return this.channels.length;
    if (name === 'iterator') return [...this.channels];
    if (name === 'set') {
      giveName(args[0] instanceof Closure ? args[0] : undefined, name, this);
      return null;
    }
    const { only } = this;
    if (name === 'or' || (name === 'and' && !only))
      return name === 'or'
        ? callOnChannels(args[0], [this])
        : new ChannelList('&', [...this.channels, args[0]], new Map());
    if (only) return only.invoke(name, args);
    if (this.#isOperator(name)) {
      if (this.channels.length === 0)
        throw fault(`${this.owner} has no output, so "${name}" has nothing to work on.`);
      throw fault(
        `${this.owner} has ${this.channels.length} outputs: say which one, as in ${this.owner}.out.${this.#names.keys().next().value ?? 'name'} or ${this.owner}.out[0].`,
      );
    }
    return undefined;
  }

  #isOperator(name: string): boolean {
    const first = this.channels.find((channel) => channel instanceof Channel);
    return first
      ? [...first.network.operators.names()].includes(name)
      : ['view', 'map', 'collect', 'set'].includes(name);
  }

  override members(): Iterable<string> {
    return this.#names.keys();
  }

  toString(): string {
    const names = [...this.#names.keys()];
    return `${this.owner}.out, which has ${names.length > 0 ? names.join(', ') : `${this.channels.length} without names`}`;
  }
}
