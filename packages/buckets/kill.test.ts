import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { openData } from './testing/served.ts';
import { actorIn, EAST } from './testing/rooms.ts';

const PROGRAM = new URL('./testing/served.ts', import.meta.url).pathname;

async function serve(directory: string): Promise<{ url: string; kill: () => Promise<void> }> {
  const child = spawn(process.execPath, [PROGRAM, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = String(await new Promise((resolve) => child.stdout.once('data', resolve)));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  return { url, kill };
}

/**
 * Puts objects of changing sizes, four at a time, until the server is gone; calls `enough` while it is in the middle
 * of more, and answers what was acknowledged.
 */
async function putUntilGone(url: string, round: number, enough: () => void): Promise<Map<string, string>> {
  let count = 0;
  const acknowledged = new Map<string, string>();
  const writer = async (lane: number) => {
    for (let n = 0; ; n++) {
      const body = randomBytes([0, 10, 70_000, 3_000_000][(n + lane) % 4]!);
      // Every third write replaces an object, the others are new.
      const key = n % 3 === 0 ? `lane-${lane}` : `round-${round}/${lane}/${n}`;
      acknowledged.delete(key);
      const answer = await fetch(`${url}/kept/${key}`, { method: 'PUT', body });
      await answer.arrayBuffer();
      assert.equal(answer.status, 200);
      acknowledged.set(key, createHash('md5').update(body).digest('hex'));
      if (++count === 12 + round) enough();
    }
  };
  const lanes = await Promise.allSettled([0, 1, 2, 3].map(writer));
  for (const lane of lanes) {
    if (lane.status === 'rejected') assert.ok(lane.reason instanceof TypeError, String(lane.reason));
  }
  return acknowledged;
}

describe('a server killed while it is written to', () => {
  test('has every acknowledged object after the restart, and no bytes that nothing points to', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'helicase-kill-'));
    const expected = new Map<string, string>();
    try {
      for (let round = 0; round < 5; round++) {
        const { url, kill } = await serve(directory);
        await fetch(`${url}/kept`, { method: 'PUT' });
        const written = Promise.withResolvers<void>();
        const putting = putUntilGone(url, round, written.resolve);
        await written.promise;
        await delay(round * 3);
        await kill();
        // A replaced object whose last write was not acknowledged may hold either.
        for (let lane = 0; lane < 4; lane++) expected.delete(`lane-${lane}`);
        for (const [key, digest] of await putting) expected.set(key, digest);
      }
      await verify(directory, expected);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

async function verify(directory: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const { records, objects, vault, store } = await openData(directory);
  try {
    assert.ok(expected.size > 20, `${expected.size} objects`);
    for (const [key, digest] of expected) {
      const { body, etag } = await objects.open(actorIn(EAST), `s3://kept/${key}`);
      assert.equal(
        createHash('md5')
          .update(await buffer(body))
          .digest('hex'),
        digest,
        key,
      );
      assert.equal(etag, digest);
    }
    // Objects whose put was not acknowledged are whole or absent.
    for await (const facts of objects.list(actorIn(EAST), 's3://kept/')) {
      const { body } = await objects.open(actorIn(EAST), facts.uri);
      assert.equal(
        createHash('md5')
          .update(await buffer(body))
          .digest('hex'),
        facts.etag,
      );
    }
    await delay(1500); // until the killed servers' heartbeats are old
    await store.removeUnfinished(Date.now());
    await vault.sweep();
    const kept: string[] = [];
    for await (const id of records.blobs.kept()) kept.push(id);
    const stored: string[] = [];
    for await (const { id } of store.list()) stored.push(id);
    assert.deepEqual(stored.sort(), kept.sort());
    assert.deepEqual(await readdir(join(directory, 'store', 'unfinished')), []);
  } finally {
    await records.close();
  }
}
