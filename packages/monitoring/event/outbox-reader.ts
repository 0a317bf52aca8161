import type { OutboxEvent, Records } from '@helicase/records';
import { type BusEvent, busEvent } from './bus-event.ts';

/** An entry, and what it tells, made once for all targets. */
export interface ToldEntry extends OutboxEvent {
  readonly event: BusEvent | undefined;
}

type Entries = readonly ToldEntry[];

/** Entries read at once. */
const BATCH = 500;
/** The newest entries that were read: targets that keep up are somewhere among them. */
const RECENT = 2_000;
/** Batches further back, for targets that were out together. */
const BATCHES = 4;

/** The outbox for many targets: read once for those that are near each other. */
export class OutboxReader {
  readonly #records: Pick<Records, 'events'>;
  /** Everything behind `#before`, as far as it was read. */
  #recent: Entries = [];
  #before = -1;
  #reading: { readonly from: number; readonly done: Promise<void> } | undefined;
  /** By the position before, the oldest first. */
  readonly #batches = new Map<number, Promise<Entries>>();

  constructor(records: Pick<Records, 'events'>) {
    this.#records = records;
  }

  /** The next entries after a position; none where it is the last. */
  async after(position: number): Promise<Entries> {
    if (position < this.#before) return this.#furtherBack(position);
    if (position > this.#last) [this.#recent, this.#before] = [[], position];
    if (position === this.#last) await this.#readOn(position);
    // Others may have moved it on meanwhile.
    return position < this.#before ? this.#furtherBack(position) : this.#known(position);
  }

  get #last(): number {
    return this.#recent.at(-1)?.position ?? this.#before;
  }

  #known(position: number): Entries {
    const first = this.#recent.findIndex((entry) => entry.position > position);
    return first === -1 ? [] : this.#recent.slice(first, first + BATCH);
  }

  /** Whoever asks while it is read gets the same. */
  #readOn(from: number): Promise<void> {
    if (this.#reading?.from === from) return this.#reading.done;
    const done = this.#read(from).then((read) => {
      if (from === this.#last) this.#keep(read);
    });
    const reading = { from, done };
    this.#reading = reading;
    const ended = () => {
      if (this.#reading === reading) this.#reading = undefined;
    };
    done.then(ended, ended);
    return done;
  }

  #keep(read: Entries): void {
    const all = [...this.#recent, ...read];
    this.#recent = all.slice(-RECENT);
    this.#before = all.at(-RECENT - 1)?.position ?? this.#before;
  }

  /** What lies there never changes: everything up to `#before` was seen. */
  async #furtherBack(position: number): Promise<Entries> {
    const known = this.#batches.get(position);
    if (known) return known;
    const read = this.#read(position);
    this.#batches.set(position, read);
    read.catch(() => this.#batches.delete(position));
    for (const oldest of this.#batches.keys()) {
      if (this.#batches.size <= BATCHES) break;
      this.#batches.delete(oldest);
    }
    return read;
  }

  async #read(position: number): Promise<Entries> {
    const entries = await this.#records.events(position, BATCH);
    return entries.map((entry) => ({ ...entry, event: busEvent(entry) }));
  }
}
