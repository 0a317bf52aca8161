import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  ListNotebookMetadataCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import * as omics from '@aws-sdk/client-omics';
import { Ids, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createGateway } from '@helicase/wire';
import { lacking } from './testing/needs.ts';
import { REFERENCE, ROLE, SCOPE, SHARED, TestAnalytics } from './testing/room.ts';

const human = join(SHARED, 'human');
const skip = lacking(['bcftools'], [human]);
const KEY = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };

/** The room behind the real front door. */
async function listen(room: TestAnalytics): Promise<Server> {
  const gateway = createGateway({
    services: [
      room.analytics.athena,
      { name: 'omics', protocol: 'restJson1', schemas: omics, operations: room.analytics.operations },
    ],
    raw: [],
    credentials: {
      find: async (id) =>
        id === KEY.accessKeyId
          ? { secretAccessKey: KEY.secretAccessKey, principal: rootPrincipal(SCOPE.account) }
          : undefined,
    },
    authorizer: { authorize: async () => ({ allowed: true }) },
    regions: [SCOPE.region],
    clock: systemClock,
    ids: new Ids(systemClock, systemRandom),
    log: silentLog,
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('From a VCF to a SQL answer with the AWS SDK', { skip }, () => {
  const contigs = [{ name: '20', length: 63025520 }];
  let room: TestAnalytics;
  let server: Server;
  let stores: omics.OmicsClient;
  let athena: AthenaClient;
  before(async () => {
    room = await TestAnalytics.open({ contigs });
    server = await listen(room);
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const common = { endpoint, region: SCOPE.region, credentials: KEY };
    stores = new omics.OmicsClient({ ...common, disableHostPrefix: true });
    athena = new AthenaClient(common);
  });
  after(async () => {
    stores.destroy();
    athena.destroy();
    server.close();
    await room.close();
  });

  test('a store, an import and a query; the rows are counted as bcftools counts them', async () => {
    const name = 'myvariantstore';
    const reference = { referenceArn: REFERENCE };
    const created = await stores.send(new omics.CreateVariantStoreCommand({ name, reference }));
    assert.equal(created.status, 'CREATING');
    await omics.waitUntilVariantStoreCreated({ client: stores, maxWaitTime: 20, minDelay: 1 }, { name });
    const vcf = join(human, 'CEUTrio.NA12878.20.21.vcf');
    const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
    await room.objects.put(actor, 's3://bucket/trio.vcf', await readFile(vcf));
    const items = [{ source: 's3://bucket/trio.vcf' }];
    const start = { destinationName: name, roleArn: ROLE, items, runLeftNormalization: false };
    const { jobId } = await stores.send(new omics.StartVariantImportJobCommand(start));
    await omics.waitUntilVariantImportJobCreated({ client: stores, maxWaitTime: 20, minDelay: 1 }, { jobId });
    const job = await ended(
      () => stores.send(new omics.GetVariantImportJobCommand({ jobId })),
      (answer) => answer.status!,
    );
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    assert.match(job.statusMessage!, /no contig 21;/);
    assert.ok(job.completionTime! >= job.creationTime!);

    const rows = await query(`SELECT contigname, count(*) FROM ${name} GROUP BY contigname ORDER BY 1`);
    const counted = execFileSync('bcftools', ['query', '-f', '%CHROM\n', vcf], { encoding: 'utf8' }).split(
      '\n',
    );
    const expected = ['20', '21'].map((contig) => [
      contig,
      String(counted.filter((line) => line === contig).length),
    ]);
    assert.deepEqual(rows, [['contigname', '_col1'], ...expected]);
  });

  test('an operation that does not exist yet is refused by name', async () => {
    await assert.rejects(
      athena.send(new ListNotebookMetadataCommand({ WorkGroup: 'primary' })),
      /ListNotebookMetadata/,
    );
  });

  async function query(sql: string): Promise<(string | undefined)[][]> {
    const ResultConfiguration = { OutputLocation: 's3://bucket/results/' };
    const started = await athena.send(
      new StartQueryExecutionCommand({ QueryString: sql, ResultConfiguration }),
    );
    const id = { QueryExecutionId: started.QueryExecutionId };
    const done = await ended(
      () => athena.send(new GetQueryExecutionCommand(id)),
      (answer) => answer.QueryExecution!.Status!.State!,
    );
    assert.equal(done.QueryExecution!.Status!.State, 'SUCCEEDED', JSON.stringify(done));
    assert.ok(done.QueryExecution!.Status!.CompletionDateTime instanceof Date);
    const rows: (string | undefined)[][] = [];
    for await (const page of paginateGetQueryResults({ client: athena, pageSize: 2 }, id)) {
      rows.push(...page.ResultSet!.Rows!.map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue)));
    }
    return rows;
  }
});

async function ended<T>(get: () => Promise<T>, status: (answer: T) => string): Promise<T> {
  for (;;) {
    const answer = await get();
    if (!/^(SUBMITTED|IN_PROGRESS|QUEUED|RUNNING)$/.test(status(answer))) return answer;
    await delay(20);
  }
}
