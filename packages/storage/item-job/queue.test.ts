import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { rolePrincipal, type Scope } from '@helicase/kernel';
import { HeldJobs, openTestRecords, tables } from '@helicase/records';
import type { CreateReferenceStoreResponse, StartReferenceImportJobResponse } from '@aws-sdk/client-omics';
import {
  newSequenceStore,
  readSetJobOver,
  referenceJobOver,
  startReadSets,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';
import { ROLE } from '../testing/world.ts';
import { queueKind, registerQueue } from './queue.ts';

const OURS = '111122223333';

for (const queue of ['import', 'export', 'activation'] as const)
  describe(`the quota of concurrent ${queue} jobs`, { timeout: 60_000 }, () => {
    test('reached, the account’s next job waits, and others’ do not; raised, it begins', async () => {
      let most = 1;
      const held = new HeldJobs();
      const { close, records } = await openTestRecords({
        dialect: 'sqlite',
        declare: (opened) => {
          const quota = ({ account }: Scope) => (account === OURS ? most : 5);
          const jobQuotas = { import: 9, export: 9, activation: 9, [queue]: quota };
          const worker = { kind: 'job', run: held.run, exhausted: async () => {} };
          registerQueue({ records: opened, jobQuotas }, queue, [worker]);
        },
      });
      const enqueue = (account: string, subject: string) => {
        const scope = { account, region: 'us-east-1' };
        const actor = { scope, principal: rolePrincipal(ROLE, 'AROATEST') };
        const job = { actor, kind: queueKind(queue), lane: scope.region, subject };
        const input = { store: '1234567890', of: 'job' };
        return records.transaction((tx) => records.jobs.enqueue(tx, { ...job, input }));
      };
      try {
        await enqueue(OURS, 'first');
        await enqueue(OURS, 'second');
        records.jobs.start();
        await held.until('first');
        await enqueue('444455556666', 'theirs');
        await held.until('theirs');
        assert.deepEqual(held.begun, ['first', 'theirs']);
        most = 2;
        await enqueue(OURS, 'third');
        await held.until('second');
        assert.deepEqual(held.begun, ['first', 'theirs', 'second']);
      } finally {
        await records.jobs.stop();
        await close();
      }
    });
  });

describe('an account with a quota of one import job', () => {
  let world: Awaited<ReturnType<typeof temporaryWorld>>;
  before(async () => {
    world = await temporaryWorld({ works: false, jobQuotas: { import: 1, export: 1, activation: 1 } });
  });
  after(() => world.close());

  test('has its jobs done one after the other, those of references and of read sets alike', async () => {
    const fasta = await upload(world, 'reference.fasta', Buffer.from(`>one\n${'ACGT'.repeat(15)}\n`));
    const fastq = await upload(world, 'reads.fastq.gz', gzipSync('@a\nA\n+\nI\n'));
    const store = await newSequenceStore(world);
    const references = (
      await world.call<CreateReferenceStoreResponse>('CreateReferenceStore', { name: 'references' })
    ).id!;
    const reads = [{ sourceFileType: 'FASTQ', sourceFiles: { source1: fastq } }];
    const importReference = async () => {
      const sources = [{ sourceFile: fasta, name: 'one' }];
      const input = { referenceStoreId: references, roleArn: ROLE, sources };
      return (await world.call<StartReferenceImportJobResponse>('StartReferenceImportJob', input)).id!;
    };
    const jobs = [
      await startReadSets(world, store, reads),
      await importReference(),
      await startReadSets(world, store, reads),
      await importReference(),
    ];
    world.records.jobs.start();
    for (const [index, id] of jobs.entries()) {
      const job = await (index % 2 === 0
        ? readSetJobOver(world, store, id)
        : referenceJobOver(world, references, id));
      assert.equal(job.status, 'COMPLETED', job.statusMessage);
    }
    const events = await world.records.events(0, 1000);
    const story = events
      .filter(({ id, type }) => jobs.includes(id) && type === 'transition')
      .map(({ to }) => to);
    assert.deepEqual(story, Array(4).fill(['IN_PROGRESS', 'COMPLETED']).flat());
  });

  test('and those that an earlier version accepted, by their own kinds', async () => {
    await world.records.jobs.stop();
    const fastq = await upload(world, 'earlier.fastq.gz', gzipSync('@a\nA\n+\nI\n'));
    const store = await newSequenceStore(world);
    const reads = [{ sourceFileType: 'FASTQ', sourceFiles: { source1: fastq } }];
    const id = await startReadSets(world, store, reads);
    interface Jobs {
      job: { subject: string; kind: string; input: string; lane: string };
    }
    await tables<Jobs>(world.records.direct)
      .updateTable('job')
      .set({ kind: 'read-set-import-job', input: JSON.stringify({ store }), lane: '' })
      .where('subject', '=', id)
      .execute();
    world.records.jobs.start();
    assert.equal((await readSetJobOver(world, store, id)).status, 'COMPLETED');
  });
});
