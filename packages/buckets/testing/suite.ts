import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { dialectsUnderTest } from '@helicase/records';
import { type AskOptions, type Front, openFront } from './front.ts';
import { EAST, openTestBuckets, type TestBuckets } from './rooms.ts';

export interface Suite {
  /** In EAST's name unless told. */
  ask(method: string, path: string, options?: Partial<AskOptions>): Promise<Response>;
  /** The answer is this error, as S3 writes it; answers its text. */
  expectError(answer: Response, status: number, code: string): Promise<string>;
  /** After a sweep, what is stored and what records point to are the same. */
  everythingAccountedFor(): Promise<void>;
}

/** Tests of the protocol on every database, on buckets of their own with a bucket `reads` in EAST. */
export function describeProtocol(name: string, tests: (suite: Suite) => void): void {
  for (const { dialect, skip } of dialectsUnderTest()) {
    describe(`${name} on ${dialect}`, { skip }, () => {
      let t: TestBuckets;
      let front: Front;
      before(async () => {
        t = await openTestBuckets(dialect);
        front = await openFront(t.raw, EAST);
        await front.ask('PUT', '/reads');
      });
      after(async () => {
        await front?.close();
        await t?.close();
      });
      tests({
        ask: (method, path, options = {}) => front.ask(method, path, { scope: EAST, ...options }),
        expectError,
        everythingAccountedFor: () => compareStored(t),
      });
    });
  }
}

async function expectError(answer: Response, status: number, code: string): Promise<string> {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(/<Code>(.*?)<\/Code>/.exec(text)?.[1], code);
  assert.match(text, /<Message>.+<\/Message><Resource>.+<\/Resource><RequestId>.+<\/RequestId>/s);
  return text;
}

async function compareStored(t: TestBuckets): Promise<void> {
  await t.vault.vault.sweep();
  const kept: string[] = [];
  for await (const id of t.records.blobs.kept()) kept.push(id);
  const stored: string[] = [];
  for await (const { id } of t.vault.store.list()) stored.push(id);
  assert.deepEqual(stored.sort(), kept.sort());
}
