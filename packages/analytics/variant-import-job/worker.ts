import type { Clock, Scope } from '@helicase/kernel';
import type { JobWorker, Transaction } from '@helicase/records';
import { type ImportInput, type ImportPorts, importItems, Overtaken, type Run } from './import-item.ts';
import { ENDED, type ImportJob, type ImportJobDoc, messageOf, outcomeOf } from './model.ts';
import { openReference } from './reference.ts';
import { groupsOf } from './small-files.ts';

/** Imports a job's files one after another, small ones together; each becomes visible whole, in the transaction that completes its item. */
export class ImportWorker implements Pick<
  JobWorker<ImportInput, undefined, Transaction>,
  'kind' | 'run' | 'exhausted'
> {
  readonly kind: string;
  readonly #ports: ImportPorts;
  readonly #clock: Clock;

  constructor(kind: string, ports: ImportPorts, clock: Clock) {
    this.kind = kind;
    this.#ports = ports;
    this.#clock = clock;
  }

  async run(run: Run): Promise<void> {
    try {
      await this.#importAll(run);
    } catch (error) {
      if (error instanceof Overtaken || run.cancelled()) return;
      throw error;
    }
  }

  async exhausted(
    tx: Transaction,
    { actor, subject }: { actor: { scope: Scope }; subject: string },
    error: Error,
  ): Promise<void> {
    const job = await this.#ports.jobs.hold(tx, actor.scope, subject);
    if (!job || ENDED.has(job.status)) return;
    const message = `The import failed inside the server: ${error.message}`;
    const items = job.doc.items.map((item) =>
      ENDED.has(item.status) ? item : { ...item, status: 'FAILED' as const, message },
    );
    await this.#end(tx, { ...job, doc: { ...job.doc, items } }, 'FAILED', message);
  }

  async #importAll(run: Run): Promise<void> {
    const job = await run.commit((tx) => this.#started(tx, run));
    const reference = await openReference(this.#ports, run, job.doc);
    try {
      for await (const indexes of groupsOf(this.#ports.objects, run.actor, job))
        await importItems(this.#ports, run, job, indexes, reference);
    } finally {
      await reference.release();
    }
    await run.commit(async (tx) => {
      const done = await this.#alive(tx, run);
      await this.#end(tx, done, outcomeOf(done.doc.items), messageOf(done.doc.items));
    });
  }

  async #end(
    tx: Transaction,
    job: ImportJob,
    status: 'FAILED' | ReturnType<typeof outcomeOf>,
    message: string,
  ) {
    const doc = (): ImportJobDoc => ({ ...job.doc, completedAt: this.#clock.now() });
    await this.#ports.jobs.transition(tx, job.scope, job.id, status, { message, doc });
  }

  async #started(tx: Transaction, run: Run): Promise<ImportJob> {
    const job = await this.#alive(tx, run);
    if (job.status !== 'SUBMITTED') return job;
    return this.#ports.jobs.transition(tx, job.scope, job.id, 'IN_PROGRESS');
  }

  async #alive(tx: Transaction, run: Run): Promise<ImportJob> {
    const job = await this.#ports.jobs.hold(tx, run.actor.scope, run.subject);
    if (!job || ENDED.has(job.status)) throw new Overtaken();
    return job;
  }
}
