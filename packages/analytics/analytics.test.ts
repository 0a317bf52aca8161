import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SHARED, TestAnalytics } from './testing/room.ts';
import { ask, importFiles, makeStore } from './testing/story.ts';

const human = join(SHARED, 'human');
const skip = existsSync(human) ? false : 'the shared data are not here';

describe('From a VCF to a SQL answer', { skip }, () => {
  let room: TestAnalytics;
  before(async () => {
    room = await TestAnalytics.open({ contigs: [{ name: '20', length: 63025520 }] });
    await makeStore(room, 'trio');
  });
  after(() => room.close());

  test('a VCF is imported, and its rows are counted as bcftools counts them', async () => {
    const vcf = join(human, 'CEUTrio.NA12878.20.21.vcf');
    const job = await importFiles(room, 'trio', { 'trio.vcf': vcf });
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    assert.match(job.statusMessage!, /no contig 21;/);
    const { rows } = await ask(room, 'SELECT contigname, count(*) FROM trio GROUP BY contigname ORDER BY 1');
    const counted = execFileSync('bcftools', ['query', '-f', '%CHROM\n', vcf], { encoding: 'utf8' });
    const expected = ['20', '21'].map((contig) => {
      return [contig, String(counted.split('\n').filter((line) => line === contig).length)];
    });
    assert.deepEqual(rows.slice(1), expected);
  });
});
