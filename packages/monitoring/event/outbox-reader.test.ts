import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutboxEvent } from '@helicase/records';
import { OutboxReader } from './outbox-reader.ts';

/** An outbox with gaps: only every third position has an entry. */
class Outbox {
  length = 0;
  reads = 0;

  async events(after: number, limit: number): Promise<readonly OutboxEvent[]> {
    this.reads += 1;
    const all = Array.from({ length: this.length }, (_, index) => ({ position: 3 * (index + 1) }));
    return all.filter(({ position }) => position > after).slice(0, limit) as OutboxEvent[];
  }
}

async function positionsFrom(reader: OutboxReader, from: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (
    let entries = await reader.after(from);
    entries.length > 0;
    entries = await reader.after(found.at(-1)!)
  )
    found.push(...entries.map(({ position }) => position));
  return found;
}

describe('the outbox for many targets', () => {
  it('gives each of them everything behind its place, in order, whoever is before or behind it', async () => {
    const outbox = new Outbox();
    const reader = new OutboxReader(outbox);
    outbox.length = 5_000;
    const everything = Array.from({ length: outbox.length }, (_, index) => 3 * (index + 1));
    const from = [0, 14_000, 1, 7_500, 14_999, 15_000, 2_999];
    const all = await Promise.all(from.map((place) => positionsFrom(reader, place)));
    for (const [index, place] of from.entries())
      assert.deepEqual(
        all[index],
        everything.filter((position) => position > place),
        `from ${place}`,
      );
  });

  it('reads what comes once for all that keep up', async () => {
    const outbox = new Outbox();
    const reader = new OutboxReader(outbox);
    const places = Array.from({ length: 10 }, () => 0);
    for (let round = 0; round < 5; round += 1) {
      outbox.length += 10;
      await Promise.all(
        places.map(async (place, target) => {
          const entries = await reader.after(place);
          assert.equal(entries.length, 10);
          places[target] = entries.at(-1)!.position;
        }),
      );
    }
    assert.equal(outbox.reads, 5);
  });

  it('is asked again where it could not be read', async () => {
    const outbox = new Outbox();
    outbox.length = 1;
    const failing = { broken: true, events: outbox.events.bind(outbox) };
    const reader = new OutboxReader({
      events: async (after, limit) => {
        if (failing.broken) throw new Error('database is locked');
        return failing.events(after, limit);
      },
    });
    await assert.rejects(reader.after(0), /locked/);
    failing.broken = false;
    assert.equal((await reader.after(0)).length, 1);
  });
});
