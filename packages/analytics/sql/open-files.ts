import type { BlobRef, Materialized, Vault } from '@helicase/blobs';

interface OpenFile {
  readonly materialized: Promise<Materialized>;
  readonly size: number;
  users: number;
}

/** Bytes of unsealed Parquet kept in private scratch for the next query. */
const KEPT_BYTES = 8 * 1024 ** 3;

/**
 * Tables' files as DuckDB can open them. The last used stay unsealed in scratch, so that the second query of a store
 * does not unseal it again; what is in use is never removed. (Parquet's own encryption is not used: DuckDB can write it
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
    const files = blobs.map((blob) => this.#take(blob));
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

  #take(blob: BlobRef): OpenFile {
    const file = this.#files.get(blob.id) ?? this.#start(blob);
    this.#files.delete(blob.id);
    this.#files.set(blob.id, file);
    file.users++;
    return file;
  }

  #start(blob: BlobRef): OpenFile {
    const materialized = this.#vault.materialize(blob, `${blob.id}.parquet`);
    materialized.catch(() => this.#files.delete(blob.id)); // told to whoever waits; the next query tries anew
    return { materialized, size: blob.size, users: 0 };
  }

  async #trim(): Promise<void> {
    let kept = [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [id, file] of this.#files) {
      if (kept <= this.#limit) return;
      if (file.users > 0) continue;
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
