import { asChannel } from '../dataflow/as-channel.ts';
import { ChannelList } from '../dataflow/channel-list.ts';
import { fault } from '../values/errors.ts';
import { GroovyObject, type Value } from '../values/value.ts';

/** An operator that waits for its channel: `channel | map { ... }`. */
export class OperatorCall extends GroovyObject {
  readonly className = 'Operator';
  readonly #name: string;
  readonly #args: readonly Value[];

  constructor(name: string, args: readonly Value[]) {
    super();
    this.#name = name;
    this.#args = args;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name !== 'call') return undefined;
    const [first, ...rest] = args;
    // `view()` and the like, written with parentheses after the name alone.
    if (first instanceof ChannelList && first.only === undefined) {
      const [source, ...others] = first.channels;
      return asChannel(source)?.invoke(this.#name, [...this.#args, ...others]);
    }
    const channel = asChannel(first);
    if (!channel) throw fault(`The operator "${this.#name}" needs a channel: channel | ${this.#name}.`);
    return channel.invoke(this.#name, [...this.#args, ...rest]);
  }

  toString(): string {
    return `operator ${this.#name}`;
  }
}

/** `a & b`: both get the channel, and the outputs of both are what follows. */
export class Both extends GroovyObject {
  readonly className = 'CompositeDef';
  readonly #parts: readonly Value[];
  readonly #call: (callee: Value, args: readonly Value[]) => Value;

  constructor(parts: readonly Value[], call: (callee: Value, args: readonly Value[]) => Value) {
    super();
    this.#parts = parts;
    this.#call = call;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'and') return new Both([...this.#parts, args[0]], this.#call);
    if (name === 'or') return this.#call(args[0], [this.invoke('call', []) ?? null]);
    if (name !== 'call') return undefined;
    const results = this.#parts.map((part) => this.#call(part, args));
    return new ChannelList(
      '&',
      results.flatMap((result) => (result instanceof ChannelList ? [...result.channels] : [result])),
      new Map(),
    );
  }

  toString(): string {
    return this.#parts.map(String).join(' & ');
  }
}
