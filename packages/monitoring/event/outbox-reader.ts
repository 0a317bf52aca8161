import type { OutboxEvent, Records } from '@helicase/records';

type Entries = Promise<readonly OutboxEvent[]>;

/** Entries read at once. */
const BATCH = 500;
const KEPT = 16;

/** The outbox for many targets, most of which are at the same place: read once for them. */
export class OutboxReader {
  readonly #records: Pick<Records, 'events'>;
  /** By the position before, the oldest first. A batch that is full never changes. */
  readonly #batches = new Map<number, Entries>();

  constructor(records: Pick<Records, 'events'>) {
    this.#records = records;
  }

  /** The next entries after a position; none where it is the last. */
  async after(position: number): Entries {
    const known = this.#batches.get(position);
    if (known) return known;
    const read = this.#records.events(position, BATCH);
    this.#batches.set(position, read);
    const isFull = await read.then(
      ({ length }) => length === BATCH,
      () => false,
    );
    if (!isFull) this.#batches.delete(position);
    for (const oldest of this.#batches.keys()) {
      if (this.#batches.size <= KEPT) break;
      this.#batches.delete(oldest);
    }
    return read;
  }
}
