import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amongIds, dialectsUnderTest, type ResourceTable, type Transaction } from '@helicase/records';
import { omicsArn } from '@helicase/kernel';
import { defineOperation } from '@helicase/wire';
import { contextOf, openTestMonitoring } from '../testing.ts';
import { QUOTAS } from './quota-table.ts';

interface GroupDoc {
  readonly tags: Readonly<Record<string, string>>;
}
type Groups = ResourceTable<GroupDoc, 'ACTIVE' | 'GONE', never, Transaction>;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`numbers of things on ${dialect}`, { skip }, () => {
    const open = async (quotaProfile: 'aws' | 'own', raised?: number) => {
      const { code } = QUOTAS.find(({ name }) => name === 'Number of run groups')!;
      let groups: Groups | undefined;
      const room = await openTestMonitoring(dialect, {
        ...{ quotaProfile, quotas: raised === undefined ? {} : { [code]: raised } },
        declare: (records) => {
          groups = records.resource<GroupDoc, 'ACTIVE' | 'GONE'>({
            ...{ kind: 'run-group', machine: { ACTIVE: { GONE: 'deleted' }, GONE: {} } },
            tagged: {
              ...{ type: 'omics:runGroup', gone: ['GONE'], among: amongIds(/^runGroup\/(.+)$/) },
              arn: ({ id, scope }) => omicsArn(scope, `runGroup/${id}`),
            },
          });
        },
      });
      let made = 0;
      const create = defineOperation<object, object>({
        ...{ name: 'CreateRunGroup', action: 'omics:CreateRunGroup', resources: () => ['*'] },
        ...{ readOnly: false, quota: 'run-group' },
        async handler(_, { scope }) {
          const id = `${(made += 1)}`;
          await groups!.insert(room.records.direct, { scope, id, status: 'ACTIVE', doc: { tags: {} } });
          return { id };
        },
      });
      const [limited] = room.limited([create]);
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
