import { EngineDied, EngineProcess } from './engine-process.ts';
import type { NamedTable, QueryFailed, QueryGrant, QueryRequest, QuerySucceeded } from './protocol.ts';

export interface EngineQuery extends QueryRequest {
  readonly tables: readonly NamedTable[];
  readonly resultPath: string;
  readonly spillDirectory: string;
  /** Local files of the tables that the query turned out to read. */
  readonly files: (tables: readonly number[]) => Promise<QueryGrant['files']>;
}

export interface EngineLimits {
  readonly memoryMegabytes: number;
  readonly threads: number;
  /** Milliseconds until a query is stopped; Athena's DML limit is 30 minutes. */
  readonly timeout: number;
}

const LIMITS: EngineLimits = { memoryMegabytes: 1024, threads: 2, timeout: 30 * 60_000 };
/** Engines kept warm: a new one takes a few hundred milliseconds to start. */
const WARM = 2;

/** Runs queries in processes of their own, one query a process at a time; none runs before the first query. */
export class SqlEngine {
  readonly #limits: EngineLimits;
  readonly #idle: EngineProcess[] = [];
  readonly #all = new Set<EngineProcess>();

  constructor(limits: Partial<EngineLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Rejects with the signal's reason where it was aborted; a query at fault is an answer. */
  async run(query: EngineQuery, signal: AbortSignal): Promise<QuerySucceeded | QueryFailed> {
    signal.throwIfAborted();
    const engine = this.#take();
    const timeout = AbortSignal.timeout(this.#limits.timeout);
    const stop = AbortSignal.any([signal, timeout]);
    const kill = () => engine.kill();
    stop.addEventListener('abort', kill, { once: true });
    try {
      return await this.#ask(engine, query);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EngineDied)) {
        engine.kill();
        throw error;
      }
      return { outcome: 'failed', message: this.#why(timeout.aborted, error) };
    } finally {
      stop.removeEventListener('abort', kill);
      this.#give(engine);
    }
  }

  async #ask(engine: EngineProcess, query: EngineQuery): Promise<QuerySucceeded | QueryFailed> {
    const { sql, tables, database, explain, resultPath, spillDirectory } = query;
    const needs = await engine.ask({ sql, tables, database, explain });
    if (needs.outcome !== 'needs') return needs;
    const files = await query.files(needs.tables);
    const { memoryMegabytes, threads } = this.#limits;
    const reply = await engine.ask({ files, resultPath, spillDirectory, memoryMegabytes, threads });
    if (reply.outcome === 'needs') throw new Error('the query engine asked twice');
    return reply;
  }

  #why(timedOut: boolean, error: Error): string {
    if (timedOut)
      return `EXCEEDED_TIME_LIMIT: the query ran longer than ${this.#limits.timeout / 1000} seconds`;
    return `GENERIC_INTERNAL_ERROR: ${error.message}`;
  }

  #take(): EngineProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (idle.alive) return idle;
    const engine = new EngineProcess();
    this.#all.add(engine);
    return engine;
  }

  #give(engine: EngineProcess): void {
    if (engine.alive && this.#idle.length < WARM) this.#idle.push(engine);
    else {
      engine.kill();
      this.#all.delete(engine);
    }
  }

  close(): void {
    for (const engine of this.#all) engine.kill();
    this.#all.clear();
  }
}
