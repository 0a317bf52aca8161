import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { GetVariantStoreResponse } from '@aws-sdk/client-omics';
import { rootPrincipal, systemClock } from '@helicase/kernel';
import { DuckDBInstance } from '@duckdb/node-api';
import { VARIANT_COLUMNS } from '../table/columns.ts';
import { fieldsOf } from '../table/field.ts';
import { everyFile, listFiles, type TableFile } from '../table/file-rows.ts';
import { listSnapshots } from '../table/snapshots.ts';
import { importAnnotations, makeAnnotationStore, tsv } from '../testing/annotation-story.ts';
import { SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';
import { FORGET_KIND, KEPT, replacedIn } from './forget.ts';

let ahead = 0;
const clock = { ...systemClock, now: () => systemClock.now() + ahead };
const room = await TestAnalytics.open({ clock });
after(() => room.close());

/** As many small files of a kind as are merged; one fewer are left alone. */
const FILES = 8;
const ALL = `SELECT contigname, start, referenceallele, filters, attributes, calls, information, sampleid, annotations
  FROM %s ORDER BY sampleid, contigname, start`;

/** Files of different places, sparse values of every kind among them. */
function vcf(file: number, samples: number): Buffer {
  const names = Array.from({ length: samples }, (_, n) => `S${file}_${n}`);
  const head = `##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${names.join('\t')}\n`;
  const line = (n: number) =>
    `chr${1 + (n % 3)}\t${1000 * (FILES - file) + n}\t${n % 2 ? '.' : `rs${n}`}\tA\tG,<DEL>\t.\t${n % 2 ? 'PASS' : 'a;b'}\t` +
    `${n % 5 ? `DP=${n};DB` : '.'}\tGT:XY\t${names.map((_, s) => `${s % 2 ? '.|.' : '0/1'}:${s ? '.' : n}`).join('\t')}\n`;
  return Buffer.from(head + Array.from({ length: 30 }, (_, n) => line(n)).join(''));
}

function merged(id: string, files: number): Promise<readonly TableFile[]> {
  const look = async (): Promise<readonly TableFile[]> => {
    const live = await listFiles(room.records.direct, SCOPE, id);
    if (live.length <= files) return live;
    await systemClock.sleep(20);
    return look();
  };
  return look();
}

async function askFile(file: TableFile, sql: (path: string) => string) {
  const { path, release } = await room.vault.materialize(file.blob, 'merged.parquet');
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = (await connection.runAndReadAll(sql(path))).getRows();
  await release();
  return rows;
}

/** By contig and start. */
async function isSorted(file: TableFile): Promise<boolean> {
  const ordered = `coalesce(row(contigname, start) >= lag(row(contigname, start)) OVER (), true)`;
  const [row] = await askFile(
    file,
    (path) => `SELECT bool_and(ordered) FROM (SELECT ${ordered} AS ordered FROM '${path}')`,
  );
  return row![0] === true;
}

/** Imports all but the last, asks, imports the last, and asks again once they are merged. */
async function grown(store: string, samples: number) {
  const id = await makeStore(room, store);
  for (let file = 0; file < FILES - 1; file++)
    await importFiles(room, store, { [`${store}-${file}.vcf`]: vcf(file, samples) });
  const before = (await ask(room, ALL.replace('%s', store))).rows;
  await importFiles(room, store, { [`${store}-last.vcf`]: vcf(FILES - 1, samples) });
  return { id, before };
}

describe('Small files', () => {
  test('become one, in which every row is as it was', async () => {
    const { id, before } = await grown('many', 1);
    const [file, ...others] = await merged(id, 1);
    assert.equal(others.length, 0);
    assert.equal(file!.rows, FILES * 30);
    const { rows } = await ask(room, ALL.replace('%s', 'many'));
    assert.deepEqual(rows.slice(0, before.length), before);
    assert.equal(rows.length - 1, FILES * 30);
    const places = await ask(room, `SELECT count(*) FROM many WHERE contigname = 'chr2' AND start < 2000`);
    assert.deepEqual(places.rows[1], ['10']);
    const store = await room.call<GetVariantStoreResponse>('GetVariantStore', { name: 'many' });
    assert.equal(store.storeSizeBytes, file!.blob.size);
  });

  test('keep the numbers of their fields, and are sorted by place', async () => {
    const id = (await room.call<{ id: string }>('GetVariantStore', { name: 'many' })).id;
    const [file] = await listFiles(room.records.direct, SCOPE, id);
    const numbers = await askFile(
      file!,
      (path) => `SELECT name, field_id FROM parquet_schema('${path}') WHERE field_id IS NOT NULL`,
    );
    const all = (fields: ReturnType<typeof fieldsOf>): (readonly [string, number])[] =>
      fields.flatMap(({ name, id: number, type }) => [
        [name, number] as const,
        ...(type.kind === 'list' ? all([type.element]) : []),
        ...(type.kind === 'map' ? all([type.key, type.value]) : []),
        ...(type.kind === 'struct' ? all(type.fields) : []),
      ]);
    assert.deepEqual(
      numbers.map(([, number]) => Number(number)),
      all(fieldsOf(VARIANT_COLUMNS)).map(([, n]) => n),
    );
    assert.ok(await isSorted(file!));
  });

  test('are there for who travels back, until they are forgotten', async () => {
    const id = (await room.call<{ id: string }>('GetVariantStore', { name: 'many' })).id;
    const snapshots = await listSnapshots(room.records.direct, SCOPE, id);
    assert.deepEqual(
      snapshots.map(({ operation }) => operation),
      [...Array.from({ length: FILES }, () => 'append'), 'replace'],
    );
    assert.equal((await everyFile(room.records.direct, SCOPE, id)).length, FILES + 1);
    ahead = KEPT + 60_000;
    const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
    const due = { actor, kind: FORGET_KIND, subject: replacedIn(id, FILES + 2), input: {} };
    await room.records.transaction((tx) => room.records.jobs.enqueue(tx, due));
    while ((await everyFile(room.records.direct, SCOPE, id)).length > 1) await systemClock.sleep(20);
    ahead = 0;
    assert.equal((await listSnapshots(room.records.direct, SCOPE, id)).length, 1);
    assert.equal((await ask(room, 'SELECT count(*) FROM many')).rows[1]![0], String(FILES * 30));
  });

  test('of cohorts become two: sites and genotypes', async () => {
    const { id, before } = await grown('crowd', 9);
    const files = await merged(id, 2);
    assert.deepEqual(files.map(({ kind, rows }) => [kind, rows]).sort(), [
      ['genotypes', FILES * 30 * 9],
      ['sites', FILES * 30],
    ]);
    assert.ok(await isSorted(files.find(({ kind }) => kind === 'sites')!));
    const { rows } = await ask(room, ALL.replace('%s', 'crowd'));
    assert.deepEqual(rows.slice(0, before.length), before);
  });

  test('of cohorts are grouped by what their sites say, of plain columns and of lists', async () => {
    const called = `SELECT contigname, start, count(*), sum(cardinality(filter(calls, c -> c = 1)))
      FROM crowd GROUP BY 1, 2 HAVING start < 1003 ORDER BY 1, 2`;
    assert.deepEqual((await ask(room, called)).rows.slice(1), [
      ['chr1', '999', '9', '5'],
      ['chr1', '1002', '9', '5'],
      ['chr2', '1000', '9', '5'],
      ['chr3', '1001', '9', '5'],
    ]);
    const filtered = `SELECT filters, count(*) FROM crowd GROUP BY 1 ORDER BY 1`;
    const half = String((FILES * 30 * 9) / 2);
    assert.deepEqual((await ask(room, filtered)).rows.slice(1), [
      ['[PASS]', half],
      ['[a, b]', half],
    ]);
  });

  test('of an annotation store become one', async () => {
    const schema = [{ contig: 'STRING' }, { site: 'LONG' }, { note: 'STRING' }];
    const layout = { annotationType: 'GENERIC', formatToHeader: {}, schema };
    const { id } = await makeAnnotationStore(room, 'notes', {
      storeFormat: 'TSV',
      storeOptions: { tsvStoreOptions: layout },
    });
    for (let file = 0; file < FILES; file++)
      await importAnnotations(room, 'notes', Buffer.from(`chr1\t${file}\tnote ${file}\n`), tsv({}));
    await merged(id!, 2);
    const { rows } = await ask(room, 'SELECT site, note FROM notes ORDER BY site');
    assert.deepEqual(
      rows.slice(1),
      Array.from({ length: FILES }, (_, n) => [String(n), `note ${n}`]),
    );
  });
});
