import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { importVariants, layGround, put, readsImported, startReads } from '../e2e/walls-story.ts';
import { FIXTURE } from '../e2e/walls-fixture.ts';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';

// Makes packages/server/fixtures/layout-<version>: a data directory as this version's server leaves it, which every
// later version must open. Run it once, when the layout or the database's schema gets a new version, before that
// version is released; what was released is never made anew.

const folder = mkdtempSync(join(tmpdir(), 'helicase-layout-'));
const data = join(folder, 'data');
const server = await startServer(data);
const clients = awsClients(server.url, readCredentials(data)!);
const ground = await layGround(clients, FIXTURE.fasta);
await put(clients, 'reads.fastq.gz', gzipSync(FIXTURE.fastq));
await put(clients, 'calls.vcf', FIXTURE.vcf);
await readsImported(clients, ground, await startReads(clients, ground, 'reads.fastq.gz', FIXTURE.readSet));
await importVariants(clients, ground, FIXTURE.variantStore, 'calls.vcf');
await server.stop();

rmSync(FIXTURE.folder, { recursive: true, force: true });
mkdirSync(FIXTURE.folder, { recursive: true });
for (const name of ['blobs', 'keys', 'credentials.json', 'layout.json'])
  cpSync(join(data, name), join(FIXTURE.folder, name), { recursive: true });
const database = new DatabaseSync(join(data, 'helicase.sqlite'));
database.exec('pragma wal_checkpoint(truncate); vacuum; pragma wal_checkpoint(truncate)');
database.close();
writeFileSync(
  join(FIXTURE.folder, 'helicase.sqlite.gz'),
  gzipSync(readFileSync(join(data, 'helicase.sqlite')), { level: 9 }),
);
rmSync(folder, { recursive: true });
console.log(FIXTURE.folder);
