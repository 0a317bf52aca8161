import type { KeyRing } from '@helicase/blobs';
import type { Clock, Ids, Log } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { CallOutcome, ObservedCall, RequestObserver } from '@helicase/wire';
import { AuditArchive } from './archive.ts';
import { auditEvent } from './audit-event.ts';
import { errors } from './errors.ts';
import { Journal } from './journal.ts';
import { serverName } from './server-name.ts';

export interface AuditLogOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The journal's folder: this server's alone. */
  readonly directory: string;
  /** True while somebody copies that folder: nothing in it is deleted then. */
  readonly held: () => boolean;
}

/** Milliseconds between takings over of the journal into the database. */
const INTERVAL = 1_000;
/** Milliseconds between tries to write what a full disk refused. */
const RETRY = 1_000;

/** Every API call, recorded before its answer leaves. */
export class AuditLog {
  readonly observer: RequestObserver = {
    admit: (call) => this.#admit(call),
    record: (call, outcome) => this.record(call, outcome),
  };
  readonly #options: AuditLogOptions;
  readonly #stopping = new AbortController();
  #archive: AuditArchive | undefined;
  #journal: Journal | undefined;
  #loop: Promise<void> | undefined;
  /** Records that could not be written yet, oldest first. */
  #unwritten: { readonly call: ObservedCall; readonly record: string }[] = [];

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** After the records are open, before the first request. */
  async start(): Promise<void> {
    const { directory, held, ids, keyring, records } = this.#options;
    const server = await serverName(directory, ids);
    this.#archive = new AuditArchive(records, keyring, server);
    this.#journal = await Journal.open(directory, keyring, await this.#archive.heads());
    await this.#archive.takeOver(this.#journal, held);
    this.#loop = this.#keepTakingOver();
  }

  /** After the last request. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.close();
  }

  /** The archive, with everything that was recorded so far. */
  async upToDate(): Promise<AuditArchive> {
    const archive = this.#archive!;
    await archive.takeOver(this.#journal!, this.#options.held);
    return archive;
  }

  async #admit({ operation }: ObservedCall): Promise<void> {
    if (this.#unwritten.length > 0 && !operation.readOnly) throw errors.auditUnavailable({});
  }

  /** False before its start and after its end. */
  get isOpen(): boolean {
    return this.#journal !== undefined;
  }

  async record(call: ObservedCall, outcome: CallOutcome): Promise<void> {
    const { clock, ids } = this.#options;
    const record = JSON.stringify(auditEvent(call, outcome, ids.uuid(), clock.now()));
    if (this.#unwritten.length > 0) {
      this.#unwritten.push({ call, record });
      return;
    }
    try {
      await this.#write(call, record);
    } catch (error) {
      this.#unwritten.push({ call, record });
      this.#options.log.error(
        { error },
        'audit records cannot be written; changes are refused until they can',
      );
      if (this.#unwritten.length === 1) void this.#retry();
    }
  }

  #write({ context, operation }: ObservedCall, record: string): Promise<void> {
    return this.#journal!.append(context.scope, record, !operation.readOnly);
  }

  /** Keeps what a full disk refused until there is room again. */
  async #retry(): Promise<void> {
    const { clock, log } = this.#options;
    while (this.#unwritten.length > 0) {
      await clock.sleep(RETRY);
      try {
        for (let next; (next = this.#unwritten[0]); this.#unwritten.shift())
          await this.#write(next.call, next.record);
        log.info({}, 'audit records can be written again');
      } catch {
        // Still no room: the next try comes.
      }
    }
  }

  async #keepTakingOver(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(INTERVAL, this.#stopping.signal).catch(() => {});
      await this.upToDate().catch((error: unknown) => {
        log.warn({ error }, 'audit records wait in the journal: the database does not take them');
      });
    }
  }
}
