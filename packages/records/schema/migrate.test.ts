import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { rootPrincipal } from '@helicase/kernel';
import { sql } from 'kysely';
import { DataTooNew, type Migration, type Records, tables } from '../index.ts';
import { EAST } from '../testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '../testing.ts';
import type { CoreTables } from './tables.ts';

interface Notes {
  note: { text: string };
}

const first: Migration = {
  name: '2026-11-23-notes',
  up: async (db) => {
    await sql`create table note (text text not null)`.execute(db);
  },
};
const second: Migration = {
  name: '2026-11-24-a-first-note',
  up: async (db) => {
    await sql`insert into note (text) values ('hello')`.execute(db);
  },
};
const broken: Migration = {
  name: '2026-11-25-broken',
  up: async (db) => {
    await sql`insert into note (text) values ('half')`.execute(db);
    throw new Error('a broken migration');
  },
};

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`the schema on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let database: TestRecords['database'];
    before(async () => {
      opened = await openTestRecords({ dialect });
      ({ database } = opened);
      await opened.records.close();
    });
    after(() => opened.close());

    async function reopened<T>(
      declare: (records: Records) => void,
      work: (records: Records) => Promise<T>,
    ): Promise<T> {
      const again = await openTestRecords({ dialect, database, declare });
      try {
        return await work(again.records);
      } finally {
        await again.close();
      }
    }
    const notes = (records: Records) =>
      tables<Notes>(records.direct)
        .selectFrom('note')
        .select('text')
        .execute()
        .then((rows) => rows.map(({ text }) => text));

    test('migrations run once each, in the order of their names', async () => {
      const declare = (records: Records) => records.migrations([second, first]);
      assert.deepEqual(await reopened(declare, notes), ['hello']);
      assert.deepEqual(await reopened(declare, notes), ['hello']);
    });

    test('a core table of an earlier version gains the columns that it lacks', async () => {
      await reopened(
        (records) => records.migrations([first, second]),
        async (records) => {
          for (const index of ['job_lane', 'job_lane_age', 'job_lane_running']) {
            await sql.raw(`drop index ${index}`).execute(tables<CoreTables>(records.direct));
          }
          await sql`alter table job drop column lane`.execute(tables<CoreTables>(records.direct));
        },
      );
      await reopened(
        (records) => records.migrations([first, second]),
        async (records) => {
          const job = {
            actor: { scope: EAST, principal: rootPrincipal(EAST.account) },
            kind: 'x',
            subject: 'y',
          };
          await records.transaction((tx) => records.jobs.enqueue(tx, { ...job, input: {}, lane: 'group' }));
          const rows = await tables<CoreTables>(records.direct).selectFrom('job').select('lane').execute();
          assert.deepEqual(
            rows.map(({ lane }) => lane),
            ['group'],
          );
        },
      );
    });

    test('a migration that fails leaves nothing and keeps the records closed', async () => {
      await assert.rejects(
        reopened((records) => records.migrations([first, second, broken]), notes),
        /a broken migration/,
      );
      assert.deepEqual(await reopened((records) => records.migrations([first, second]), notes), ['hello']);
    });

    test('a column that a kind gains is filled for the rows that are there', async () => {
      const declared = (records: Records) => {
        records.migrations([first, second]);
        return records.resource<{ name: string; size?: number }, 'ACTIVE'>({
          kind: 'crate',
          machine: { ACTIVE: {} },
        });
      };
      let crates: ReturnType<typeof declared>;
      await reopened(
        (records) => (crates = declared(records)),
        async (records) => {
          for (let number = 0; number < 1100; number++) {
            const doc = { name: `crate ${number}`, size: number % 3 };
            await crates.insert(records.direct, { scope: EAST, id: String(number), status: 'ACTIVE', doc });
          }
        },
      );
      const grown = (records: Records) => {
        records.migrations([first, second]);
        return records.resource<{ name: string; size?: number }, 'ACTIVE', 'size' | 'name'>({
          kind: 'crate',
          machine: { ACTIVE: {} },
          columns: { size: (doc) => doc.size ?? null, name: (doc) => doc.name },
          unique: ['name'],
        });
      };
      let wider: ReturnType<typeof grown>;
      for (let opening = 0; opening < 2; opening++) {
        await reopened(
          (records) => (wider = grown(records)),
          async (records) => {
            assert.equal(await wider.count(records.direct, EAST, { where: { size: 2 } }), 366);
            assert.equal(await wider.count(records.direct, EAST, { where: { name: 'crate 1099' } }), 1);
          },
        );
      }
      await reopened(
        (records) => (crates = declared(records)),
        async (records) => {
          const row = { scope: EAST, status: 'ACTIVE' as const, doc: { name: 'new', size: 2 } };
          await crates.insert(records.direct, { ...row, id: 'by a version without the column' });
        },
      );
      await reopened(
        (records) => (wider = grown(records)),
        async (records) => assert.equal(await wider.count(records.direct, EAST, { where: { size: 2 } }), 367),
      );
    });

    test('a database with a migration that this version does not know is refused with what to do', async () => {
      await assert.rejects(
        reopened((records) => records.migrations([first]), notes),
        (error) =>
          error instanceof DataTooNew &&
          error.message.includes('2026-11-24-a-first-note') &&
          error.message.includes('Start the Helicase version that wrote it'),
      );
    });

    test('a database of a newer schema is refused with what to do', async () => {
      const declare = (records: Records) => records.migrations([first, second]);
      await reopened(declare, (records) =>
        tables<CoreTables>(records.direct)
          .updateTable('helicase_schema')
          .set({ value: '4600' })
          .where('name', '=', 'version')
          .execute(),
      );
      await assert.rejects(
        reopened(declare, notes),
        (error) =>
          error instanceof DataTooNew && /schema version 4600.*Start the Helicase/.test(error.message),
      );
    });

    test('kinds and migrations that come twice or too late are refused', async () => {
      const again = await openTestRecords({ dialect });
      const crate = { kind: 'crate', machine: { ACTIVE: {} } } as const;
      assert.throws(() => again.records.resource(crate), /too late/);
      assert.throws(() => again.records.migrations([first]), /too late/);
      await again.close();
      await assert.rejects(
        openTestRecords({
          dialect,
          declare: (records) => {
            records.resource(crate);
            records.resource(crate);
          },
        }),
        /Two resources are called crate/,
      );
      await assert.rejects(
        openTestRecords({ dialect, declare: (records) => records.migrations([first, first]) }),
        /Two migrations are called/,
      );
    });
  });
}
