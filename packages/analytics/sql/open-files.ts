import type { BlobRef, Materialized, Vault } from '@helicase/blobs';

interface OpenFile {
  readonly materialized: Promise<Materialized>;
  readonly size: number;
  /** A customer's key says when it may be opened. */
  readonly isGuarded: boolean;
  users: number;
}

/** Bytes of unsealed Parquet kept in private scratch for the next query. */
const KEPT_BYTES = 8 * 1024 ** 3;

/**
 * Tables' files as DuckDB can open them. The last used stay unsealed in scratch, so that the second query of a store
 * does not unseal it again; what is in use is never removed. What a customer's key guards is asked for at every use and
 * kept no longer than that, so that the disk has nothing of it that the key does not open. (Parquet's own encryption is not used: DuckDB can write it
 * only with an extension that has to be downloaded, or with a random generator it calls insecure itself.)
 */
export class OpenFiles {
  readonly #vault: Vault;
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #files = new Map<string, OpenFile>();

  constructor(vault: Vault, limit = KEPT_BYTES) {
    this.#vault = vault;
    this.#limit = limit;
  }

  /** Local paths of the blobs, good until `release`. */
  async open(
    blobs: readonly BlobRef[],
  ): Promise<{ readonly paths: readonly string[]; release(): Promise<void> }> {
    const guarded = await this.#guardedKeys(blobs);
    const files = blobs.map((blob) => this.#take(blob, guarded.has(blob.seal?.keyId)));
    const release = async () => {
      for (const file of files) file.users--;
      await this.#trim();
    };
    try {
      const opened = await Promise.all(files.map(({ materialized }) => materialized));
      return { paths: opened.map(({ path }) => path), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const [id, file] of this.#files) await this.#drop(id, file);
  }

  /** The keys of blobs that customers' keys guard; a table's files have one key. Throws where one may not be used. */
  async #guardedKeys(blobs: readonly BlobRef[]): Promise<ReadonlySet<string | undefined>> {
    const byKey = new Map(blobs.map((blob) => [blob.seal?.keyId, blob]));
    const guarded = new Set<string | undefined>();
    for (const [key, blob] of byKey) if (await this.#vault.isGuarded(blob)) guarded.add(key);
    return guarded;
  }

  #take(blob: BlobRef, isGuarded: boolean): OpenFile {
    const file = this.#files.get(blob.id) ?? this.#start(blob, isGuarded);
    this.#files.delete(blob.id);
    this.#files.set(blob.id, file);
    file.users++;
    return file;
  }

  #start(blob: BlobRef, isGuarded: boolean): OpenFile {
    const materialized = this.#vault.materialize(blob, `${blob.id}.parquet`);
    materialized.catch(() => this.#files.delete(blob.id)); // told to whoever waits; the next query tries anew
    return { materialized, size: blob.size, isGuarded, users: 0 };
  }

  async #trim(): Promise<void> {
    let kept = [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [id, file] of this.#files) {
      if (file.users > 0 || (kept <= this.#limit && !file.isGuarded)) continue;
      kept -= file.size;
      await this.#drop(id, file);
    }
  }

  async #drop(id: string, file: OpenFile): Promise<void> {
    this.#files.delete(id);
    const materialized = await file.materialized.catch(() => undefined);
    await materialized?.release();
  }
}
