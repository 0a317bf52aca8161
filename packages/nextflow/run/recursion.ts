import { asChannel } from '../dataflow/as-channel.ts';
import type { Channel } from '../dataflow/channel.ts';
import { ChannelList } from '../dataflow/channel-list.ts';
import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { Session } from './session.ts';

export interface Loop {
  readonly name: string;
  run(args: readonly Value[]): Value;
}

/**
 * `process.recurse(value).times(n)` and `.until { }`: what comes out goes in again. The loop is one network: its first
 * input is a channel that is fed the result.
 */
export function recurse(component: Loop, args: readonly Value[], session: Session): Value {
  return new Recursion(component, args, session);
}

class Recursion extends GroovyObject {
  readonly className = 'Recursion';
  readonly #component: Loop;
  readonly #args: readonly Value[];
  readonly #session: Session;

  constructor(component: Loop, args: readonly Value[], session: Session) {
    super();
    this.#component = component;
    this.#args = args;
    this.#session = session;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'times') {
      const count = Number(args[0]);
      return this.#start((_item, round) => round >= count);
    }
    if (name === 'until' && args[0] instanceof Closure) {
      const test = args[0];
      return this.#start((item) => truth(test.apply([item])));
    }
    throw fault('After "recurse" comes times(n) or until { }.');
  }

  #start(over: (item: Value, round: number) => boolean): Value {
    if (this.#args.length !== 1) throw fault(`"${this.#component.name}.recurse" takes one value.`);
    const input = this.#session.channel(false);
    const out = this.#component.run([input]);
    const results = asChannel(out instanceof ChannelList ? (out.only ?? out) : out);
    if (!results) throw fault(`"${this.#component.name}" must have one output to be repeated.`);
    let round = 0;
    results.read({
      next: (item) => {
        round += 1;
        if (over(item, round)) input.close();
        else input.emit(item);
      },
      done: () => {},
    });
    const first = asChannel(this.#args[0]);
    if (first) first.read({ next: (item) => input.emit(item), done: () => {} });
    else
      this.#session.network.source(
        { emit: (item: Value) => input.emit(item), close: () => {} } as unknown as Channel,
        () => [this.#args[0]],
      );
    return new ChannelList(this.#component.name, [results], new Map([['out', results]]));
  }

  toString(): string {
    return `${this.#component.name}.recurse`;
  }
}
