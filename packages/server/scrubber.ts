import type { OwnedBlob, Vault } from '@helicase/blobs';
import type { Clock, Log } from '@helicase/kernel';
import type { BlobLedger } from '@helicase/records';
import { ownedInOrder } from './owned-in-order.ts';
import { readThrough, type Reading } from './read-through.ts';
import { readScrubState, type ScrubFault, type ScrubState, writeScrubState } from './scrub-state.ts';

export interface ScrubberOptions {
  readonly owned: () => AsyncIterable<OwnedBlob>;
  readonly ledger: Pick<BlobLedger, 'state'>;
  readonly vault: Pick<Vault, 'hold' | 'read'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Plain bytes a second. */
  readonly rate: number;
  /** Where it remembers how far it is. */
  readonly file: string;
}

/** Milliseconds. A start has enough to do. */
const FIRST_WAIT = 60_000;
/** Milliseconds from the begin of one pass to that of the next, where it is done sooner. */
const PASS_INTERVAL = 24 * 60 * 60 * 1000;
/** Milliseconds after which what failed, maybe for a time, is tried again. */
const RETRY = 60_000;
/** Milliseconds of reading that a kill may cost. */
const SAVE_INTERVAL = 10_000;
const BLOBS_AT_ONCE = 10_000;
/** Faults that are remembered with their names; each is in the log. */
const MOST_FAULTS = 1_000;

type Current = NonNullable<ScrubState['current']>;

/** Re-reads every stored byte again and again, slowly, so that damage is known while a backup still has the bytes. */
export class Scrubber {
  readonly #options: ScrubberOptions;
  readonly #stopping = new AbortController();
  #state: ScrubState;
  #loop: Promise<void> | undefined;
  #savedAt = 0;
  /** When the bytes read so far are paid for at the rate. */
  #paidAt = 0;
  #bytesSinceStart = 0;

  constructor(options: ScrubberOptions) {
    this.#options = options;
    this.#state = readScrubState(options.file) ?? { faults: [] };
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Where it is then it goes on after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** In Prometheus' text format, without names: anybody who reaches the page may read it. */
  figures(): string {
    const { faults, last } = this.#state;
    return [
      figure(
        'counter',
        'bytes_total',
        'Stored bytes re-read since the server started.',
        this.#bytesSinceStart,
      ),
      figure('gauge', 'faults', 'Damaged blobs known; `helicase scrub` names them.', faults.length),
      last &&
        figure('gauge', 'last_pass_end_seconds', 'When all bytes had last been read.', last.endedAt / 1000),
      last && figure('gauge', 'blobs_without_key', 'Blobs that no enabled key opens.', last.withoutKey),
    ].join('');
  }

  /** Reads all that is left of the pass under way, or of a new one. Rejects when it is stopped. */
  async pass(): Promise<void> {
    const { clock, log, owned } = this.#options;
    this.#advance({});
    for (;;) {
      const batch = await ownedInOrder(owned(), this.#current().after, BLOBS_AT_ONCE);
      if (batch.length === 0) break;
      for (const next of batch) await this.#examine(next);
    }
    const { startedAt, blobs, bytes, withoutKey } = this.#current();
    const faults = this.#state.faults.filter(({ lastSeen }) => lastSeen >= startedAt);
    this.#save({ faults, last: { startedAt, endedAt: clock.now(), blobs, bytes, withoutKey } });
    log.info({ blobs, bytes, withoutKey, faults: faults.length }, 'all stored bytes were read through');
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    const wait = (milliseconds: number) => clock.sleep(milliseconds, signal).catch(() => undefined);
    await wait(FIRST_WAIT);
    while (!signal.aborted) {
      try {
        await wait(this.#untilNextPass());
        if (!signal.aborted) await this.pass();
      } catch (error) {
        if (signal.aborted) break;
        log.error({ error: String(error) }, 'scrubbing failed; it goes on in a minute');
        await wait(RETRY);
      }
    }
    if (this.#state.current) this.#save(this.#state);
  }

  #untilNextPass(): number {
    const { current, last } = this.#state;
    if (current || !last) return 0;
    return Math.max(0, last.startedAt + PASS_INTERVAL - this.#options.clock.now());
  }

  async #examine(owned: OwnedBlob): Promise<void> {
    const { clock, ledger, vault } = this.#options;
    const { signal } = this.#stopping;
    const letGo = vault.hold([owned.blob]);
    try {
      let reading = await this.#read(owned);
      if (reading.kind === 'unreadable') {
        await clock.sleep(RETRY, signal);
        reading = await this.#read(owned);
      }
      // What was deleted or rewritten since it was listed has no bytes to miss.
      if (reading.kind !== 'whole' && (await ledger.state(owned.blob.id)) !== 'kept')
        reading = { kind: 'whole' };
      this.#note(owned, reading);
    } finally {
      letGo();
    }
  }

  async #read(owned: OwnedBlob): Promise<Reading> {
    const from = owned.blob.seal ? this.#offsetOf(owned) : 0;
    this.#advance({ next: owned.blob.id, offset: from });
    const reading = await readThrough(this.#options.vault, owned, {
      from,
      onRead: (bytes) => this.#pay(bytes),
    });
    this.#stopping.signal.throwIfAborted();
    return reading;
  }

  /** Another blob may be next by now than when the offset was saved. */
  #offsetOf({ blob }: OwnedBlob): number {
    const { offset, next } = this.#current();
    return next === blob.id && offset < blob.size ? offset : 0;
  }

  /** Waits until the rate allows what was read; time in which nothing was read is not made up for. */
  async #pay(bytes: number): Promise<void> {
    const { clock, rate } = this.#options;
    this.#bytesSinceStart += bytes;
    const { bytes: before, offset } = this.#current();
    this.#advance({ bytes: before + bytes, offset: offset + bytes });
    if (clock.now() - this.#savedAt >= SAVE_INTERVAL) this.#save(this.#state);
    this.#paidAt = Math.max(this.#paidAt, clock.now()) + (bytes / rate) * 1000;
    const wait = this.#paidAt - clock.now();
    this.#stopping.signal.throwIfAborted();
    if (wait >= 1) await clock.sleep(wait, this.#stopping.signal);
  }

  #note({ blob, owner }: OwnedBlob, reading: Reading): void {
    const { blobs, withoutKey } = this.#current();
    const locked = reading.kind === 'without key' ? 1 : 0;
    this.#advance({ after: blob.id, offset: 0, blobs: blobs + 1, withoutKey: withoutKey + locked });
    if (reading.kind === 'without key') return;
    const known = this.#state.faults.find((fault) => fault.blob === blob.id);
    if (reading.kind === 'whole' && !known) return;
    const others = this.#state.faults.filter((fault) => fault !== known);
    const faults =
      reading.kind === 'whole' ? others : [...others, this.#fault(blob.id, owner, reading.fault, known)];
    this.#save({ ...this.#state, faults: faults.slice(0, MOST_FAULTS) });
  }

  #fault(blob: string, owner: string, fault: string, known: ScrubFault | undefined): ScrubFault {
    const now = this.#options.clock.now();
    this.#options.log.error({ blob, owner, fault }, 'stored bytes are damaged');
    return { blob, owner, fault, firstSeen: known?.firstSeen ?? now, lastSeen: now };
  }

  #current(): Current {
    const fresh = { after: '', offset: 0, blobs: 0, bytes: 0, withoutKey: 0 };
    return this.#state.current ?? { startedAt: this.#options.clock.now(), ...fresh };
  }

  #advance(change: Partial<Current>): void {
    this.#state = { ...this.#state, current: { ...this.#current(), ...change } };
  }

  #save(state: ScrubState): void {
    this.#state = state;
    writeScrubState(this.#options.file, state);
    this.#savedAt = this.#options.clock.now();
  }
}

function figure(type: 'counter' | 'gauge', name: string, help: string, value: number): string {
  const full = `helicase_scrub_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`;
}
