import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fastq, vcf } from './walls-story.ts';

const SEQUENCE = 'GATTACAGGCATCCATGCCAATTGGTTCACGTAGCTAGGA'.repeat(10);

/** What lies in the fixture of a data directory, in plain. */
export const FIXTURE = {
  folder: join(import.meta.dirname, '..', 'packages', 'server', 'fixtures', 'layout-1'),
  fasta: `>walls\n${SEQUENCE}\n`,
  fastq: fastq(20, 'GATTACAGGCATCC'),
  vcf: vcf('walls', SEQUENCE, 3),
  readSet: 'kept since layout 1',
  variantStore: 'kept_variants',
};

/** A copy of the fixture that a server can work in. */
export function unpackFixture(data: string): void {
  cpSync(FIXTURE.folder, data, { recursive: true });
  // Empty folders are not kept in the repository, nor are modes.
  for (const name of ['blobs/blobs', 'blobs/unfinished']) mkdirSync(join(data, name), { recursive: true });
  const packed = join(data, 'helicase.sqlite.gz');
  writeFileSync(join(data, 'helicase.sqlite'), gunzipSync(readFileSync(packed)));
  rmSync(packed);
  for (const name of ['keys/root.key', 'credentials.json']) chmodSync(join(data, name), 0o600);
}
