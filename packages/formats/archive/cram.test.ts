import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '@helicase/kernel';
import { answerOf, data, dataMissing, programCache, temporaryFolder } from '../test-files.ts';
import { openCramArchiver } from './archivers.ts';
import type { CramArchiver } from './cram.ts';

describe('the CRAM archiver', { skip: dataMissing }, () => {
  const { signal } = new AbortController();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let archiver: CramArchiver;

  before(async () => {
    folder = await temporaryFolder();
    archiver = (await openCramArchiver({ cache: programCache, log: silentLog }))!;
  });
  after(() => folder.remove());

  test('what its program wrote before anybody read is not lost', async () => {
    const gzip = data('virus/reads_R1.fastq.gz');
    const packed = join(folder.path, 'reads.cram');
    const few = Buffer.from((await answerOf('zcat', [gzip])).split('\n').slice(0, 40).join('\n') + '\n');
    const source = join(folder.path, 'few.fastq.gz');
    await answerOf('sh', ['-c', `gzip > ${source}`], few);
    await archiver.packFastq([createReadStream(source)], packed, signal);
    const [restored] = archiver.unpackFastq(packed, 1, signal);
    await delay(500); // the program has ended by now: all that it said fits in a pipe
    const chunks: Buffer[] = [];
    for await (const chunk of restored!) chunks.push(chunk as Buffer);
    assert.equal(await answerOf('zcat', [], Buffer.concat(chunks)), few.toString());
  });
});
