import type { Scope, Tags } from '@helicase/kernel';
import type { Records, TaggedSource, Transaction } from '@helicase/records';
import { type LogGroupRow, logTables } from '../log-store/tables.ts';
import { logGroupArn } from './log-group-name.ts';

const TYPE = 'logs:log-group';
const LISTED_AT_ONCE = 500;

/** Tags of log groups, which are rows of their own. */
export function logGroupTags(records: Records): TaggedSource {
  return {
    kind: 'log-group',
    async find(scope, arn) {
      const name = groupOf(scope, arn);
      if (name === undefined) return undefined;
      const row = await groups(records.direct, scope).where('name', '=', name).executeTakeFirst();
      return row && tagsOf(row);
    },
    change(scope, arn, change) {
      const name = groupOf(scope, arn);
      if (name === undefined) return Promise.resolve(false);
      return records.transaction(async (tx) => {
        // Written before it is read: two changes at once must not lose one of them.
        await ofGroup(tx, scope, name).set({ name }).execute();
        const row = await groups(tx, scope).where('name', '=', name).executeTakeFirst();
        if (!row) return false;
        await ofGroup(tx, scope, name)
          .set({ tags: JSON.stringify(change(tagsOf(row))) })
          .execute();
        return true;
      });
    },
    async *scan(scope, after = '') {
      for (let last = after; ;) {
        const rows = await groups(records.direct, scope)
          .where('name', '>', last)
          .orderBy('name')
          .limit(LISTED_AT_ONCE)
          .execute();
        for (const row of rows) {
          const resource = { arn: logGroupArn(scope, row.name), type: TYPE, tags: tagsOf(row) };
          yield { place: row.name, resource };
        }
        if (rows.length < LISTED_AT_ONCE) return;
        last = rows.at(-1)!.name;
      }
    },
  };
}

/** `…:log-group:<name>`, alone or with what policies write behind it (`:*`, `:log-stream:<stream>`). */
function groupOf({ account, region }: Scope, arn: string): string | undefined {
  const prefix = `arn:aws:logs:${region}:${account}:log-group:`;
  return arn.startsWith(prefix) ? arn.slice(prefix.length).replace(/:.*$/s, '') : undefined;
}

function tagsOf({ tags }: LogGroupRow): Tags {
  return tags === null ? {} : (JSON.parse(tags) as Tags);
}

function groups(tx: Transaction, { account, region }: Scope) {
  return logTables(tx)
    .selectFrom('log_group')
    .selectAll()
    .where('account', '=', account)
    .where('region', '=', region);
}

function ofGroup(tx: Transaction, { account, region }: Scope, name: string) {
  return logTables(tx)
    .updateTable('log_group')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('name', '=', name);
}
