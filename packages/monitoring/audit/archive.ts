import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import type { AuditEvent } from './audit-event.ts';
import { CHAIN_START, chained, type ChainHead } from './chain.ts';
import { type AuditChunk, openRecords, sealRecords } from './chunk.ts';
import { type Journal, type JournalPlace, scopeKey } from './journal.ts';
import { type AuditChunkRow, auditTables } from './tables.ts';

/** Where a reading newest first goes on: behind this chunk. */
export interface ChunkPlace {
  readonly lastAt: number;
  readonly server: string;
  readonly first: number;
}

const CHUNKS_AT_ONCE = 16;

/** The records of every server, in the database. */
export class AuditArchive {
  readonly #records: Records;
  readonly #keyring: KeyRing;
  readonly #server: string;
  #turn: Promise<void> = Promise.resolve();

  constructor(records: Records, keyring: KeyRing, server: string) {
    this.#records = records;
    this.#keyring = keyring;
    this.#server = server;
  }

  /** Where this server's chains stand. */
  async heads(): Promise<Map<string, ChainHead>> {
    const rows = await auditTables(this.#records.direct)
      .selectFrom('audit_chunk')
      .select(['account', 'region', (expressions) => expressions.fn.max('next').as('next')])
      .where('server', '=', this.#server)
      .groupBy(['account', 'region'])
      .execute();
    const heads = new Map<string, ChainHead>();
    for (const scope of rows) {
      const { to_hash: hash } = await auditTables(this.#records.direct)
        .selectFrom('audit_chunk')
        .select('to_hash')
        .where('server', '=', this.#server)
        .where('account', '=', scope.account)
        .where('region', '=', scope.region)
        .where('next', '=', scope.next)
        .executeTakeFirstOrThrow();
      heads.set(scopeKey(scope), { count: Number(scope.next), hash });
    }
    return heads;
  }

  /**
   * Takes over what the journal has and the database has not, once, however often it is called. The journal's old files
   * go then, unless they are `held`.
   */
  takeOver(journal: Journal, held = () => false): Promise<void> {
    const done = this.#turn.then(() => this.#takeOver(journal, held));
    this.#turn = done.catch(() => {});
    return done;
  }

  /** The first and only record of a chain: of who is no server, and has no journal. */
  async keepAlone(scope: Scope, record: string): Promise<void> {
    const to = chained(CHAIN_START, [record]);
    const rows = await this.#merged([{ scope, from: CHAIN_START, to, records: [record] }]);
    await this.#records.transaction(async (tx) => {
      for (const row of rows) await auditTables(tx).insertInto('audit_chunk').values(row).execute();
    });
  }

  /** Chunks of an account and region, newest first. */
  async *newestFirst(
    scope: Scope,
    range: { readonly after?: ChunkPlace; readonly startTime?: number },
  ): AsyncGenerator<{ readonly place: ChunkPlace; readonly events: readonly AuditEvent[] }> {
    let { after } = range;
    for (;;) {
      const rows = await this.#chunksBefore(scope, after, range.startTime);
      for (const row of rows) {
        after = { lastAt: Number(row.last_at), server: row.server, first: Number(row.first) };
        const records = await this.#open(row);
        const events = records.map((text) => JSON.parse(text) as AuditEvent).reverse();
        yield { place: after, events };
      }
      if (rows.length < CHUNKS_AT_ONCE) return;
    }
  }

  /** How many records each server's chain of an account and region has. */
  async ends(scope: Scope): Promise<Readonly<Record<string, number>>> {
    const rows = await auditTables(this.#records.direct)
      .selectFrom('audit_chunk')
      .select(['server', (expressions) => expressions.fn.max('next').as('next')])
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .groupBy('server')
      .execute();
    return Object.fromEntries(rows.map(({ next, server }) => [server, Number(next)]));
  }

  /** Where a reading from `from` on ends that shall take few more than `most` records: at the end of a chunk. */
  async endWithin(scope: Scope, server: string, from: number, most: number): Promise<number> {
    const rows = await auditTables(this.#records.direct)
      .selectFrom('audit_chunk')
      .select('next')
      .where('server', '=', server)
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('first', '>=', from)
      .orderBy('first')
      .limit(most)
      .execute();
    const ends = rows.map(({ next }) => Number(next));
    return ends.find((next) => next - from >= most) ?? ends.at(-1) ?? from;
  }

  /** Records of one chain, oldest first: `from` and `to` are ends of chunks. */
  async *between(scope: Scope, server: string, from: number, to: number): AsyncGenerator<AuditEvent> {
    for (let next = from; next < to;) {
      const row = await auditTables(this.#records.direct)
        .selectFrom('audit_chunk')
        .selectAll()
        .where('server', '=', server)
        .where('account', '=', scope.account)
        .where('region', '=', scope.region)
        .where('first', '>=', next)
        .where('next', '<=', to)
        .orderBy('first')
        .limit(1)
        .executeTakeFirst();
      if (!row) return;
      const records = await this.#open(row);
      for (const text of records) yield JSON.parse(text) as AuditEvent;
      next = Number(row.next);
    }
  }

  /** Every chain, every record: what is missing or was changed, in words. */
  async faults(): Promise<readonly string[]> {
    const found: string[] = [];
    const rows = await auditTables(this.#records.direct)
      .selectFrom('audit_chunk')
      .select(['server', 'account', 'region', 'first'])
      .orderBy('server')
      .orderBy('account')
      .orderBy('region')
      .orderBy('first')
      .execute();
    let before: AuditChunkRow | undefined;
    for (const key of rows) {
      const row = await auditTables(this.#records.direct)
        .selectFrom('audit_chunk')
        .selectAll()
        .where('server', '=', key.server)
        .where('account', '=', key.account)
        .where('region', '=', key.region)
        .where('first', '=', key.first)
        .executeTakeFirstOrThrow();
      const fault = await this.#faultOf(row, before);
      if (fault) found.push(fault);
      before = row;
    }
    return found;
  }

  async #takeOver(journal: Journal, held: () => boolean): Promise<void> {
    const { chunks, next } = await journal.read(await this.#place());
    if (chunks.length === 0) return;
    const merged = await this.#merged(chunks);
    await this.#records.transaction(async (tx) => {
      for (const row of merged) await auditTables(tx).insertInto('audit_chunk').values(row).execute();
      await this.#keepPlace(tx, next);
    });
    if (!held()) await journal.forget(next);
  }

  async #place(): Promise<JournalPlace | undefined> {
    const row = await auditTables(this.#records.direct)
      .selectFrom('audit_journal')
      .selectAll()
      .where('server', '=', this.#server)
      .executeTakeFirst();
    return row && { file: Number(row.file), position: Number(row.position) };
  }

  async #keepPlace(tx: Transaction, { file, position }: JournalPlace): Promise<void> {
    await auditTables(tx)
      .insertInto('audit_journal')
      .values({ server: this.#server, file, position })
      .onConflict((conflict) => conflict.column('server').doUpdateSet({ file, position }))
      .execute();
  }

  /** One chunk per account and region of many lines: few rows for many requests. */
  async #merged(chunks: readonly AuditChunk[]): Promise<readonly AuditChunkRow[]> {
    const rows: AuditChunkRow[] = [];
    for (const of of Map.groupBy(chunks, ({ scope }) => scopeKey(scope)).values()) {
      const [{ from, scope }, { to }] = [of[0]!, of.at(-1)!];
      const records = of.flatMap((chunk) => chunk.records);
      const { keyId, sealed } = await sealRecords(this.#keyring, scope, records);
      rows.push({
        ...{ server: this.#server, account: scope.account, region: scope.region },
        ...{ first: from.count, next: to.count, from_hash: from.hash, to_hash: to.hash },
        last_at: Date.parse((JSON.parse(records.at(-1)!) as AuditEvent).eventTime),
        ...{ key_id: keyId, sealed },
      });
    }
    return rows;
  }

  #open({ key_id: keyId, sealed }: AuditChunkRow): Promise<readonly string[]> {
    return openRecords(this.#keyring, { keyId, sealed, deflated: true });
  }

  #chunksBefore(
    { account, region }: Scope,
    after: ChunkPlace | undefined,
    startTime: number | undefined,
  ): Promise<readonly AuditChunkRow[]> {
    let rows = auditTables(this.#records.direct)
      .selectFrom('audit_chunk')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .orderBy('last_at', 'desc')
      .orderBy('server', 'desc')
      .orderBy('first', 'desc')
      .limit(CHUNKS_AT_ONCE);
    if (startTime !== undefined) rows = rows.where('last_at', '>=', startTime);
    if (after) {
      const { first, lastAt, server } = after;
      rows = rows.where((where) =>
        where.or([
          where('last_at', '<', lastAt),
          where.and([where('last_at', '=', lastAt), where('server', '<', server)]),
          where.and([
            where('last_at', '=', lastAt),
            where('server', '=', server),
            where('first', '<', first),
          ]),
        ]),
      );
    }
    return rows.execute();
  }

  async #faultOf(row: AuditChunkRow, before: AuditChunkRow | undefined): Promise<string | undefined> {
    const what = `Audit records ${row.first} to ${Number(row.next) - 1} of server ${row.server} for ${row.account} ${row.region}`;
    const follows =
      before &&
      ['server', 'account', 'region'].every((name) => row[name as 'server'] === before[name as 'server']);
    if (follows && Number(before.next) !== Number(row.first)) {
      return `${what} do not follow record ${Number(before.next) - 1}: records between them are missing.`;
    }
    if (follows && before.to_hash !== row.from_hash) return `${what} are not chained to the one before them.`;
    try {
      const records = await this.#open(row);
      const to = chained({ count: Number(row.first), hash: row.from_hash }, records);
      if (to.count === Number(row.next) && to.hash === row.to_hash) return undefined;
      return `${what} were changed: their hash is not the one kept beside them.`;
    } catch (error) {
      return `${what} cannot be opened: ${(error as Error).message}.`;
    }
  }
}
