import type { Channel } from './channel.ts';
import { Graph } from './graph.ts';

const CHUNK = 4_096;

/** What can be applied to channels. */
export interface Operators {
  /** Undefined: there is no operator of that name. */
  apply(source: Channel, name: string, args: readonly unknown[]): unknown;
  names(): Iterable<string>;
}

/**
 * All channels of a run and what feeds them. Nothing flows before `start`; the run is over when no source has anything
 * left and no task is running. Items go from a source through all operators at once, so nothing piles up but where a
 * process waits.
 */
export class Network {
  readonly #sources: (() => Promise<void>)[] = [];
  readonly #topics: (() => void)[] = [];
  readonly #ended: Promise<void>;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #active = 0;
  #started = false;
  #stopped = false;

  readonly operators: Operators;
  readonly graph = new Graph();

  constructor(operators: Operators) {
    this.operators = operators;
    this.#ended = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#ended.catch(() => {});
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Feeds a channel from what is iterated, once the run has started. */
  source(channel: Channel, items: () => Iterable<unknown> | AsyncIterable<unknown>): void {
    const feed = async () => {
      try {
        await this.#feed(channel, items());
      } catch (error) {
        throw channel.origin?.(error) ?? error;
      }
    };
    if (this.#started) this.track(feed());
    else this.#sources.push(feed);
  }

  async #feed(channel: Channel, items: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    let count = 0;
    for await (const chunk of chunks(items)) {
      if (this.#stopped) return;
      for (const item of chunk) channel.emit(item);
      if ((count += chunk.length) >= CHUNK) {
        count = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    channel.close();
  }

  /** Something to be done when everything else is over: topics end then. */
  whenIdle(act: () => void): void {
    this.#topics.push(act);
  }

  /** The run goes on while the promise is pending; it fails with it. */
  track(work: Promise<void>): void {
    this.#active += 1;
    work.then(
      () => this.#leave(),
      (error: unknown) => this.fail(error),
    );
  }

  #leave(): void {
    this.#active -= 1;
    if (this.#active > 0 || this.#stopped) return;
    try {
      const act = this.#topics.shift();
      if (act) {
        this.track(Promise.resolve().then(act));
        return;
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#stopped = true;
    this.#finish();
  }

  fail(error: unknown): void {
    this.#stopped = true;
    this.#fail(error);
  }

  /** Ends without waiting for what is left. */
  stop(): void {
    this.#stopped = true;
    this.#finish();
  }

  /** Lets everything flow, to the end. */
  async run(): Promise<void> {
    this.#started = true;
    const sources = this.#sources.splice(0);
    this.track(Promise.resolve());
    for (const source of sources) this.track(source());
    await this.#ended;
  }
}

/** Items of a plain iterable in pieces, so that waiting for the next one does not cost a turn for each. */
async function* chunks(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncIterable<readonly unknown[]> {
  if (Symbol.asyncIterator in items) {
    for await (const item of items) yield [item];
    return;
  }
  let chunk: unknown[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}
