import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, silentLog, systemClock } from '@helicase/kernel';
import { openTestRecords, type ResourceTable, tables, type Transaction } from '@helicase/records';
import { EventPump } from './pump.ts';
import { cursorTables, eventMigrations } from './tables.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const cursor = { ...scope, rule: 'default/all', target: 'hook' };

/** Time goes on when the test says so. */
function steppedClock() {
  let wake: (() => void) | undefined;
  const sleep: Clock['sleep'] = (_, signal) =>
    new Promise((resolve) => {
      wake = resolve;
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  const asleep = async () => {
    while (!wake) await systemClock.sleep(1);
  };
  const step = async () => {
    await asleep();
    const go = wake!;
    wake = undefined;
    go();
    await asleep();
  };
  return { clock: { ...systemClock, sleep }, asleep, step };
}

describe('the pump of events', { timeout: 60_000 }, () => {
  // The job's last look at the outbox was before the event came, and its end after the pump had asked for a job.
  it('looks again after a target whose job ended while an event came, until it is told', async (t) => {
    type Things = ResourceTable<object, 'ACTIVE', never, Transaction>;
    let things: Things | undefined;
    const { close, records } = await openTestRecords({
      dialect: 'sqlite',
      declare: (opened) => {
        opened.migrations(eventMigrations);
        things = opened.resource({ kind: 'thing', machine: { ACTIVE: {} } });
      },
    });
    const { asleep, clock, step } = steppedClock();
    const pump = new EventPump({ records, clock, log: silentLog });
    t.after(async () => {
      await pump.stop();
      await close();
    });
    const jobs = () => tables<{ job: { kind: string } }>(records.direct);
    const waiting = async () => (await jobs().selectFrom('job').selectAll().execute()).length;
    await cursorTables(records.direct)
      .insertInto('event_cursor')
      .values({ ...cursor, position: 0 })
      .execute();
    await things!.insert(records.direct, { scope, id: '1', status: 'ACTIVE', doc: {} });

    pump.start();
    await asleep();
    assert.equal(await waiting(), 1);
    await jobs().deleteFrom('job').execute();
    await step();
    assert.equal(await waiting(), 1, 'nothing came since, and the target is behind all the same');

    await jobs().deleteFrom('job').execute();
    const position = await records.lastPosition();
    await cursorTables(records.direct).updateTable('event_cursor').set({ position }).execute();
    await step();
    assert.equal(await waiting(), 0, 'it was told everything');
  });
});
