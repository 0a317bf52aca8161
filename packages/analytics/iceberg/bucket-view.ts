import type { BlobRef, BucketView, BucketViewObject, BucketViewObjects } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import { type TablePorts, type VisibleTable, visibleTables } from '../catalog/tables.ts';
import { everyFile } from '../table/file-rows.ts';
import { type OpenTable, openTables, tablePrefix, tablesBucket } from './open-table.ts';
import { type PublishPorts, publishedFiles } from './published.ts';

/** The files of open tables as objects of a bucket, for those who may read all of a table: a file cannot be cut to what a grant shows. */
export function tablesView(ports: TablePorts & PublishPorts): BucketView {
  return {
    async find(actor, bucket) {
      const tables = (await readable(ports, actor)).filter(({ owner }) => tablesBucket(owner) === bucket);
      const own = bucket === tablesBucket(actor.scope);
      return own || tables.length > 0 ? new TablesBucket(ports, bucket, tables) : undefined;
    },
  };
}

/** Tables that the actor sees whole. */
export async function readable(ports: TablePorts, actor: Actor): Promise<readonly VisibleTable[]> {
  return (await visibleTables(ports, actor)).filter(({ cells, unreadable }) => !cells && !unreadable);
}

class TablesBucket implements BucketViewObjects {
  readonly #ports: TablePorts & PublishPorts;
  readonly #bucket: string;
  readonly #tables: ReadonlyMap<string, OpenTable>;

  constructor(ports: TablePorts & PublishPorts, bucket: string, tables: readonly VisibleTable[]) {
    this.#ports = ports;
    this.#bucket = bucket;
    const open = tables.flatMap((table) => [...openTables(table).values()]);
    this.#tables = new Map(open.map((table) => [tablePrefix(table), table]));
  }

  async head(key: string): Promise<BucketViewObject | undefined> {
    const [, prefix, folder, name] = /^([^/]+\/[^/]+)\/(data|metadata)\/([^/]+)$/.exec(key) ?? [];
    const table = this.#tables.get(prefix ?? '');
    if (!table || !folder || !name) return undefined;
    const { records } = this.#ports;
    const blob =
      folder === 'data'
        ? (await everyFile(records.direct, table.owner, table.id)).find(
            (file) => file.kind === table.kind && `${file.blob.id}.parquet` === name,
          )?.blob
        : (await publishedFiles(records.direct, table)).find((file) => file.name === name)?.blob;
    return blob && this.#object(key, blob);
  }

  async list(prefix: string, after: string | undefined, limit: number) {
    const all: (BucketViewObject & { readonly key: string })[] = [];
    for (const [path, table] of this.#tables) {
      const { records } = this.#ports;
      for (const { blob, kind } of await everyFile(records.direct, table.owner, table.id)) {
        const key = `${path}/data/${blob.id}.parquet`;
        if (kind === table.kind) all.push({ ...this.#object(key, blob), key });
      }
      for (const { name, blob } of await publishedFiles(records.direct, table)) {
        const key = `${path}/metadata/${name}`;
        all.push({ ...this.#object(key, blob), key });
      }
    }
    return all
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || key > after))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }

  #object(key: string, blob: BlobRef): BucketViewObject {
    return {
      uri: `s3://${this.#bucket}/${key}`,
      size: blob.size,
      etag: blob.id,
      modifiedAt: 0,
      blobs: [blob],
      tags: [],
    };
  }
}
