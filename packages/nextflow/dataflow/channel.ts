import type { Scope } from '../values/closure.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { Network } from './network.ts';

export interface Reader {
  next(item: Value): void;
  done(): void;
}

/** A channel. Who reads it before the run starts gets every item; a value channel gives its item to everybody. */
export class Channel extends GroovyObject {
  readonly network: Network;
  readonly isValue: boolean;
  readonly #readers: Reader[] = [];
  #item: Value | undefined;
  #closed = false;
  /** Items that came while nobody read. */
  #waiting: Value[] = [];
  /** Adds to a fault of what fills it where the script made it. */
  origin: ((error: unknown) => unknown) | undefined;
  /** Where operators of closures find their names: `set { name }`. */
  scope: Scope | undefined;

  constructor(network: Network, isValue = false) {
    super();
    this.network = network;
    this.isValue = isValue;
  }

  get className(): string {
    return this.isValue ? 'DataflowVariable' : 'DataflowBroadcast';
  }

  /** A new channel of the same kind. */
  alike(): Channel {
    return new Channel(this.network, this.isValue);
  }

  queue(): Channel {
    return new Channel(this.network);
  }

  value(): Channel {
    return new Channel(this.network, true);
  }

  /** The item of a value channel that is known already. */
  get bound(): Value | undefined {
    return this.#item;
  }

  read(reader: Reader): void {
    if (this.isValue) {
      if (this.#item !== undefined) reader.next(this.#item);
      if (this.#closed) reader.done();
      else this.#readers.push(reader);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#readers.push(reader);
    for (const item of waiting) reader.next(item);
    if (this.#closed) reader.done();
  }

  emit(item: Value): void {
    if (this.isValue) {
      this.bind(item);
      return;
    }
    const readers = this.#readers;
    if (readers.length === 0) {
      if (this.#waiting.length < 1_000_000) this.#waiting.push(item);
      return;
    }
    for (const reader of readers) reader.next(item);
  }

  bind(item: Value): void {
    if (this.#closed) return;
    this.#item = item;
    for (const reader of this.#readers) reader.next(item);
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const reader of this.#readers) reader.done();
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    return this.network.operators.apply(this, name, args);
  }

  override members(): Iterable<string> {
    return this.network.operators.names();
  }

  toString(): string {
    return this.isValue
      ? `DataflowVariable(value=${this.#item === undefined ? 'null' : String(this.#item)})`
      : 'DataflowBroadcast around DataflowStream[?]';
  }
}
