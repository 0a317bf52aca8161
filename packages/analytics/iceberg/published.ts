import { writeFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { BlobRef, OwnedBlob, Vault } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import {
  columnTypes,
  type Migration,
  type Records,
  tables,
  type Transaction,
  UniqueViolation,
} from '@helicase/records';
import { everyFile } from '../table/file-rows.ts';
import { listSnapshots } from '../table/snapshots.ts';
import type { FileKind } from '../table/written-file.ts';
import { manifestBytes, manifestListBytes, sequenceOf } from './manifest.ts';
import { type OpenTable, tableLocation } from './open-table.ts';
import { tableMetadata } from './table-metadata.ts';

/** A metadata file of a snapshot. */
export interface PublishedFile {
  readonly sequence: number;
  /** `snap-3.avro`, `manifest-3.avro`, `v3.metadata.json` */
  readonly name: string;
  readonly blob: BlobRef;
}

interface MetadataTables {
  analytics_metadata: {
    account: string;
    region: string;
    store_id: string;
    kind: FileKind;
    sequence: number;
    name: string;
    blob: string;
  };
}

export const metadataMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-analytics-metadata',
    async up(db, dialect) {
      const { text } = columnTypes(dialect);
      const statement = `create table analytics_metadata (account ${text} not null, region ${text} not null,
        store_id ${text} not null, kind ${text} not null, sequence bigint not null, name ${text} not null,
        blob ${text} not null, primary key (account, region, store_id, kind, sequence, name))`;
      await sql.raw(statement).execute(db);
    },
  },
];

export interface PublishPorts {
  readonly records: Records;
  readonly vault: Vault;
}

/**
 * The table's metadata as Iceberg's readers take it. Manifests of snapshots are written when they are first needed, at
 * the latest here: what they say follows from the rows of the table's files, so that a crash before loses nothing.
 */
export async function currentMetadata(ports: PublishPorts, table: OpenTable) {
  const { records } = ports;
  const { owner, id } = table;
  const snapshots = await listSnapshots(records.direct, owner, id);
  const files = (await everyFile(records.direct, owner, id)).filter(({ kind }) => kind === table.kind);
  const published = new Set((await publishedFiles(records.direct, table)).map(({ name }) => name));
  const location = tableLocation(table);
  const listed = snapshots.map((snapshot) => ({
    ...snapshot,
    manifestList: `${location}/metadata/${manifestListName(snapshot.sequence)}`,
  }));
  const metadata = tableMetadata(location, table.fields, listed);
  const last = snapshots.at(-1);
  for (const { sequence } of snapshots) {
    // The latest names all snapshots: those before, where nobody read them, need no metadata file of their own.
    const own = sequence === last!.sequence ? ([[metadataName(sequence), json(metadata)]] as const) : [];
    const isThere = own.length > 0 ? metadataName(sequence) : manifestListName(sequence);
    if (published.has(isThere)) continue;
    const made = [...manifests(table, sequence, files), ...own];
    const missing = made.filter(([name]) => !published.has(name));
    await keep(ports, table, sequence, missing);
  }
  return {
    /** Where a reader finds it again; a table without snapshots has no files. */
    location: last && `${location}/metadata/${metadataName(last.sequence)}`,
    metadata,
  };
}

function metadataName(sequence: number): string {
  return `v${sequence}.metadata.json`;
}

function manifestListName(sequence: number): string {
  return `snap-${sequence}.avro`;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The snapshot's manifest, and the list that names it. */
function manifests(
  table: OpenTable,
  sequence: number,
  all: Awaited<ReturnType<typeof everyFile>>,
): readonly (readonly [name: string, bytes: Buffer])[] {
  const location = tableLocation(table);
  const files = all
    .filter(({ removed }) => removed === undefined || removed > sequence)
    .filter((file) => sequenceOf(file) <= sequence)
    .sort((a, b) => sequenceOf(a) - sequenceOf(b));
  const snapshot = {
    sequence,
    files,
    fields: table.fields,
    location: ({ blob }: { blob: BlobRef }) => `${location}/data/${blob.id}.parquet`,
  };
  const manifest = manifestBytes(snapshot);
  const manifestName = `manifest-${sequence}.avro`;
  const list = manifestListBytes(snapshot, {
    location: `${location}/metadata/${manifestName}`,
    size: manifest.length,
  });
  return [
    [manifestName, manifest],
    [manifestListName(sequence), list],
  ];
}

/** All files of a snapshot or none; whoever came second finds them there. */
async function keep(
  { records, vault }: PublishPorts,
  { owner, id, kind }: OpenTable,
  sequence: number,
  files: readonly (readonly [string, Buffer])[],
): Promise<void> {
  const scratch = await vault.reserveScratch('metadata');
  const blobs: BlobRef[] = [];
  try {
    for (const [, bytes] of files) {
      await writeFile(scratch.path, bytes);
      blobs.push(await vault.adopt({ scope: owner, sealedFor: `analytics/${id}` }, scratch.path));
    }
    await records.transaction(async (tx) => {
      for (const [index, [name]] of files.entries()) {
        await records.blobs.keep(tx, blobs[index]!.id);
        const row = {
          account: owner.account,
          region: owner.region,
          store_id: id,
          kind,
          sequence,
          name,
          blob: JSON.stringify(blobs[index]),
        };
        await tables<MetadataTables>(tx).insertInto('analytics_metadata').values(row).execute();
      }
    });
  } catch (error) {
    for (const blob of blobs) await vault.discard(blob);
    if (!(error instanceof UniqueViolation)) throw error;
  } finally {
    await scratch.release();
  }
}

export async function publishedFiles(
  tx: Transaction,
  { owner, id, kind }: OpenTable,
): Promise<readonly PublishedFile[]> {
  const rows = await tables<MetadataTables>(tx)
    .selectFrom('analytics_metadata')
    .selectAll()
    .where('account', '=', owner.account)
    .where('region', '=', owner.region)
    .where('store_id', '=', id)
    .where('kind', '=', kind)
    .orderBy('sequence')
    .execute();
  return rows.map(({ sequence, name, blob }) => ({
    sequence: Number(sequence),
    name,
    blob: JSON.parse(blob) as BlobRef,
  }));
}

/** With the table that they describe. */
export function removePublished(
  records: Records,
  tx: Transaction,
  scope: Scope,
  storeId: string,
): Promise<void> {
  return removePublishedBefore(records, tx, scope, storeId, Number.MAX_SAFE_INTEGER);
}

/** With the snapshots that they describe. */
export async function removePublishedBefore(
  records: Records,
  tx: Transaction,
  { account, region }: Scope,
  storeId: string,
  sequence: number,
): Promise<void> {
  const rows = await tables<MetadataTables>(tx)
    .deleteFrom('analytics_metadata')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('store_id', '=', storeId)
    .where('sequence', '<', sequence)
    .returning('blob')
    .execute();
  for (const { blob } of rows) await records.blobs.release(tx, (JSON.parse(blob) as BlobRef).id);
}

/** For fsck. */
export async function* publishedBlobs(records: Records): AsyncGenerator<OwnedBlob> {
  const rows = await tables<MetadataTables>(records.direct)
    .selectFrom('analytics_metadata')
    .selectAll()
    .execute();
  for (const { account, region, store_id, blob } of rows) {
    yield {
      owner: `metadata of store ${store_id} of ${account}/${region}`,
      blob: JSON.parse(blob) as BlobRef,
    };
  }
}
