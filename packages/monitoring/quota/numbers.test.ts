import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  amongIds,
  dialectsUnderTest,
  openTestRecords,
  type Records,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import { omicsArn } from '@helicase/kernel';
import { defineOperation } from '@helicase/wire';
import { contextOf, openTestMonitoring } from '../testing.ts';
import { limitNumbers } from './numbers.ts';
import { QUOTAS } from './quota-table.ts';

interface GroupDoc {
  readonly tags: Readonly<Record<string, string>>;
}
type Groups = ResourceTable<GroupDoc, 'ACTIVE' | 'GONE', never, Transaction>;

function declareGroups(records: Records): Groups {
  return records.resource<GroupDoc, 'ACTIVE' | 'GONE'>({
    ...{ kind: 'run-group', machine: { ACTIVE: { GONE: 'deleted' }, GONE: {} } },
    tagged: {
      ...{ type: 'omics:runGroup', gone: ['GONE'], among: amongIds(/^runGroup\/(.+)$/) },
      arn: ({ id, scope }) => omicsArn(scope, `runGroup/${id}`),
    },
  });
}

/** CreateRunGroup of one server. */
function creation(records: Records, groups: Groups, nextId: () => number) {
  return defineOperation<object, object>({
    ...{ name: 'CreateRunGroup', action: 'omics:CreateRunGroup', resources: () => ['*'] },
    ...{ readOnly: false, quota: 'run-group' },
    handler: (_, { reserve, scope }) =>
      records.transaction(async (tx) => {
        await reserve?.(tx);
        return groups.insert(tx, { scope, id: `${nextId()}`, status: 'ACTIVE', doc: { tags: {} } });
      }),
  });
}

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`numbers of things on ${dialect}`, { skip }, () => {
    const open = async (quotaProfile: 'aws' | 'own', raised?: number) => {
      const { code } = QUOTAS.find(({ name }) => name === 'Number of run groups')!;
      let groups: Groups | undefined;
      const room = await openTestMonitoring(dialect, {
        ...{ quotaProfile, quotas: raised === undefined ? {} : { [code]: raised } },
        declare: (records) => {
          groups = declareGroups(records);
        },
      });
      let made = 0;
      const [limited] = room.limited([creation(room.records, groups!, () => (made += 1))]);
      const ask = (context = room.context) => limited!.handler!({} as never, context);
      return { room, ask, groups: groups! };
    };

    it('end at the guide’s quota in profile aws, for each account, and deleted ones make room', async (t) => {
      const { ask, groups, room } = await open('aws');
      t.after(() => room.close());
      const answers = await Promise.allSettled(Array.from({ length: 15 }, () => ask()));
      const refused = answers.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 5, 'of 15 at once, ten pass');
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException', status: 402 });
      await ask(contextOf('444455556666', 'us-east-1'));
      await groups.transition(room.records.direct, room.context.scope, '1', 'GONE');
      await ask();
      await assert.rejects(ask(), /Number of run groups/);
    });

    it('go on where the operator raised the quota, and in profile own', async (t) => {
      for (const [profile, raised] of [
        ['aws', 12],
        ['own', undefined],
      ] as const) {
        const { ask, room } = await open(profile, raised);
        t.after(() => room.close());
        for (let count = 0; count < 12; count += 1) await ask();
        if (profile === 'aws') await assert.rejects(ask(), { code: 'ServiceQuotaExceededException' });
      }
    });
  });
}

const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres')!;

describe('a number of things that two servers on one PostgreSQL make', { skip: postgres.skip }, () => {
  it('ends at the quota: of 20 creations at once, ten pass', async (t) => {
    const quotas = { ceiling: () => () => 10 };
    let groups: Groups | undefined;
    const server = async (database?: Awaited<ReturnType<typeof openTestRecords>>['database']) => {
      const opened = await openTestRecords({
        ...{ dialect: 'postgres', declare: (records) => (groups = declareGroups(records)) },
        ...(database ? { database } : {}),
      });
      t.after(() => opened.close());
      return { ...opened, groups: groups! };
    };
    const first = await server();
    const second = await server(first.database);
    let made = 0;
    const [one, other] = [first, second].map(({ records, groups: of }) => {
      const create = creation(records, of, () => (made += 1));
      return limitNumbers([create], { quotas, records })[0]!;
    });
    const context = contextOf('111122223333', 'us-east-1');
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other)!.handler!({} as never, context)),
    );
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [(answer.reason as { code?: string }).code] : [],
    );
    assert.deepEqual(refused, Array(10).fill('ServiceQuotaExceededException'));
    assert.equal(await first.records.countTagged(first.records.direct, context.scope, 'omics:runGroup'), 10);
  });
});
