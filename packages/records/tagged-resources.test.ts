import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { omicsArn } from '@helicase/kernel';
import type { ResourceTable } from './resource.ts';
import type { Records, Transaction } from './records.ts';
import { amongIds, amongNames } from './tagged-kind.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';
import { EAST, OTHER_EAST, WEST } from './testing/example.ts';

interface ShelfDoc {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}
type Shelves = ResourceTable<ShelfDoc, 'STANDING' | 'FALLEN', 'name', Transaction>;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`tagged resources on ${dialect}`, { skip }, () => {
    let test: TestRecords;
    let shelves: Shelves;
    let rooms: Shelves;

    beforeEach(async () => {
      const declare = (records: Records) => {
        shelves = declareShelves(records);
        rooms = declareRooms(records);
      };
      test = await openTestRecords({ dialect, declare });
    });
    afterEach(() => test.close());

    it('are found by the whole ARN: account, region, and the place they are in', async () => {
      const { records } = test;
      const doc = { name: 'A', tags: { subject: 'fiction' } };
      await shelves.insert(records.direct, { scope: EAST, id: '7', parent: '1', status: 'STANDING', doc });
      const arn = omicsArn(EAST, 'room/1/shelf/7');
      assert.deepEqual(await records.tagged.find(EAST, arn), { subject: 'fiction' });
      assert.equal(await records.tagged.find(EAST, omicsArn(EAST, 'room/2/shelf/7')), undefined);
      assert.equal(await records.tagged.find(EAST, omicsArn(WEST, 'room/1/shelf/7')), undefined);
      assert.equal(await records.tagged.find(OTHER_EAST, arn), undefined);
      await shelves.transition(records.direct, EAST, '7', 'FALLEN');
      assert.equal(await records.tagged.find(EAST, arn), undefined, 'a fallen shelf is gone');
    });

    it('change once per change, however many come at the same time', async () => {
      const { records } = test;
      await rooms.insert(records.direct, {
        ...{ scope: EAST, id: '3', status: 'STANDING' },
        doc: { name: 'attic', tags: {} },
      });
      const arn = omicsArn(EAST, 'room/attic');
      const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
      const changes = keys.map((key) =>
        records.tagged.change(EAST, arn, (tags) => ({ ...tags, [key]: 'x' })),
      );
      assert.deepEqual(new Set(await Promise.all(changes)), new Set([true]));
      assert.deepEqual(Object.keys((await records.tagged.find(EAST, arn)) ?? {}).sort(), keys.sort());
      assert.equal(await records.tagged.change(EAST, omicsArn(EAST, 'room/cellar'), () => ({})), false);
    });

    it('are listed kind by kind from any place on, each once', async () => {
      const { records } = test;
      for (const id of ['1', '2', '3']) {
        const doc = { name: `n${id}`, tags: {} };
        await shelves.insert(records.direct, { scope: EAST, id, parent: '1', status: 'STANDING', doc });
        await rooms.insert(records.direct, { scope: EAST, id, status: 'STANDING', doc });
      }
      const all = await placesAndArns(test, undefined);
      assert.deepEqual(all.map(({ resource }) => resource.type).sort(), [
        ...Array.from({ length: 3 }, () => 'library:room'),
        ...Array.from({ length: 3 }, () => 'library:shelf'),
      ]);
      for (const [index, { place }] of all.entries()) {
        assert.deepEqual(await placesAndArns(test, place), all.slice(index + 1));
      }
    });
  });
}

const machine = { STANDING: { FALLEN: 'too many books' }, FALLEN: {} };

function declareShelves(records: Records): Shelves {
  return records.resource<ShelfDoc, 'STANDING' | 'FALLEN', 'name'>({
    kind: 'shelf',
    machine,
    columns: { name: (doc) => doc.name },
    tagged: {
      type: 'library:shelf',
      arn: ({ scope, parent, id }) => omicsArn(scope, `room/${parent}/shelf/${id}`),
      among: amongIds(/^room\/[0-9]+\/shelf\/([0-9]+)$/),
      gone: ['FALLEN'],
    },
  });
}

function declareRooms(records: Records): Shelves {
  return records.resource<ShelfDoc, 'STANDING' | 'FALLEN', 'name'>({
    kind: 'room',
    machine,
    columns: { name: (doc) => doc.name },
    tagged: {
      type: 'library:room',
      arn: ({ scope, doc }) => omicsArn(scope, `room/${doc.name}`),
      among: amongNames(/^room\/([^/]+)$/),
    },
  });
}

async function placesAndArns({ records }: TestRecords, after: string | undefined) {
  const found = [];
  for await (const one of records.tagged.scan(EAST, after)) found.push(one);
  return found;
}
