import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AcceptShareCommand,
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateShareCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  DeleteShareCommand,
  GetReferenceImportJobCommand,
  GetRunCommand,
  GetShareCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  ListSharesCommand,
  OmicsClient,
  type OmicsServiceException,
  PutS3AccessPolicyCommand,
  StartReferenceImportJobCommand,
  StartRunCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { StoredCredentials } from '@helicase/server';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { ask } from '../packages/wire/testing/sign.ts';
import { type CommandOutput, finished, openWorld, runProgram, until, type World } from './world.ts';

// The guide's "Cross-account sharing" between two accounts of one server, with the commands of its operator.

const program = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
const VCF =
  '##fileformat=VCFv4.2\n##contig=<ID=1,length=8>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t2\t.\tC\tT\t50\tPASS\t.\n';
const HELLO = `version 1.0
workflow Hello {
  input { String name }
  call Greet { input: name = name }
  output { File greeting = Greet.greeting }
}
task Greet {
  input { String name }
  command { echo "hello ~{name}" > greeting.txt }
  output { File greeting = "greeting.txt" }
  runtime { cpu: 1 memory: "1 GiB" }
}
`;

describe('what one account shares with another', { timeout: 240_000 }, () => {
  let world: World;
  let owner: Clients;
  let subscriber: Clients;
  before(async () => {
    world = await openWorld();
    owner = awsClients(world.server.url, world.credentials);
    const made = JSON.parse((await helicase('account', 'create')).stdout) as Omit<
      World['credentials'],
      'region'
    >;
    subscriber = awsClients(world.server.url, { ...made, region: owner.region });
  });
  after(() => world.close());

  function helicase(...words: readonly string[]): Promise<CommandOutput> {
    const args = ['--no-warnings', program, ...words, '--data', world.data];
    return runProgram(process.execPath, args, { PATH: process.env['PATH'] ?? '' });
  }
  async function bucket({ s3 }: Clients, Bucket: string, files: Readonly<Record<string, string>> = {}) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const [Key, Body] of Object.entries(files))
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }
  /** Offered by the owner, seen and accepted by the subscriber, ACTIVE. */
  async function share(resourceArn: string): Promise<string> {
    const offered = await owner.omics.send(
      new CreateShareCommand({
        resourceArn,
        principalSubscriber: subscriber.accountId,
        shareName: 'my_Share-123',
      }),
    );
    assert.equal(offered.status, 'PENDING');
    const { shares } = await subscriber.omics.send(new ListSharesCommand({ resourceOwner: 'OTHER' }));
    assert.ok(shares!.some(({ shareId }) => shareId === offered.shareId));
    const { shareId } = offered;
    await subscriber.omics.send(new AcceptShareCommand({ shareId }));
    await until(
      () => owner.omics.send(new GetShareCommand({ shareId })),
      (answer) => answer.share!.status === 'ACTIVE',
    );
    return shareId!;
  }
  const denied = (refused: unknown) =>
    (refused as OmicsServiceException).name === 'AccessDeniedException' &&
    /no resource-based policy allows/.test((refused as Error).message);

  test('a workflow: the other account runs it as its own role, sees it, and exports nothing', async () => {
    await bucket(subscriber, 'their-runs');
    const roleArn = await createJobRole(subscriber.iam, 'Runs', 'their-runs');
    const definitionZip = zipSync({ 'main.wdl': Buffer.from(HELLO) });
    const made = await owner.omics.send(
      new CreateWorkflowCommand({ name: 'hello', engine: 'WDL', definitionZip }),
    );
    const workflowId = made.id!;
    await until(
      () => owner.omics.send(new GetWorkflowCommand({ id: workflowId })),
      ({ status }) => status === 'ACTIVE',
    );
    const request = {
      ...{ workflowId, workflowOwnerId: owner.accountId, roleArn, outputUri: 's3://their-runs/out' },
      parameters: { name: 'Ada' },
    };
    const start = (client = subscriber.omics) => client.send(new StartRunCommand(request));
    const seen = { id: workflowId, workflowOwnerId: owner.accountId };
    await assert.rejects(start(), denied, 'not shared yet');
    await assert.rejects(subscriber.omics.send(new GetWorkflowCommand(seen)), denied);
    const shareId = await share(made.arn!);

    assert.equal((await subscriber.omics.send(new GetWorkflowCommand(seen))).name, 'hello');
    await assert.rejects(
      subscriber.omics.send(new GetWorkflowCommand({ ...seen, export: ['DEFINITION'] })),
      /cannot be exported/,
    );
    const { id } = await start();
    const run = await until(() => subscriber.omics.send(new GetRunCommand({ id })), finished, 120);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    assert.equal(run.workflowOwnerId, owner.accountId);
    const outputs = await subscriber.s3.send(
      new GetObjectCommand({ Bucket: 'their-runs', Key: `out/${id}/logs/outputs.json` }),
    );
    assert.match(await outputs.Body!.transformToString(), /greeting\.txt/);
    await assert.rejects(
      subscriber.omics.send(new GetRunCommand({ id, export: ['DEFINITION'] })),
      /cannot be exported/,
    );
    await assert.rejects(owner.omics.send(new GetRunCommand({ id })), { name: 'ResourceNotFoundException' });

    await usersOfTheSubscriber(made.arn!, start);
    await owner.omics.send(new DeleteShareCommand({ shareId }));
    await assert.rejects(start(), denied, 'gone at once when revoked');
    await assert.rejects(subscriber.omics.send(new GetWorkflowCommand(seen)), denied);
  });

  /** The share lets the account in; what each of its users may do, their own policies say. */
  async function usersOfTheSubscriber(workflowArn: string, start: (client: OmicsClient) => Promise<unknown>) {
    const { iam } = subscriber;
    await iam.send(new CreateUserCommand({ UserName: 'grace' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'grace' }));
    const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const stored = { ...keys, accountId: subscriber.accountId, region: subscriber.region };
    const { omics } = awsClients(world.server.url, stored);
    await assert.rejects(start(omics), /no identity-based policy allows the omics:StartRun action/);
    const explain = async (action: string) =>
      helicase(
        ...['access', 'explain', '--action', action, '--resource', workflowArn],
        ...['--principal', `arn:aws:iam::${subscriber.accountId}:user/grace`],
      );
    assert.match(
      (await explain('omics:StartRun')).stdout,
      /^✗ .*user\/grace: no identity-based policy allows it/,
    );
    const statement = { Sid: 'Run', Effect: 'Allow', Action: ['omics:*', 'iam:PassRole'], Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await iam.send(new PutUserPolicyCommand({ UserName: 'grace', PolicyName: 'runs', PolicyDocument }));
    await start(omics);
    assert.match(
      (await explain('omics:StartRun')).stdout,
      /^✓ .*: allowed by resource-based policy "share", Share/,
    );
    assert.match((await explain('omics:DeleteWorkflow')).stdout, /^✗ .*: no resource-based policy allows it/);
    const everyone = await helicase(
      'access',
      'explain',
      '--action',
      'omics:DeleteWorkflow',
      '--resource',
      workflowArn,
    );
    assert.match(everyone.stdout, new RegExp(`✓ arn:aws:iam::${owner.accountId}:root: allowed by .*"root"`));
  }

  test('a variant store: the other account queries it through a resource link, as long as it is shared', async () => {
    await bucket(owner, 'our-data', { 'tiny.fasta': '>1\nACGTACGT\n', 'one.vcf': VCF });
    const storeArn = await variantStore();
    await bucket(subscriber, 'their-results');
    const { accessKeyId, secretAccessKey } = await subscriberKeys();
    const credentials = { accessKeyId, secretAccessKey };
    const glue = new GlueClient({ endpoint: world.server.url, region: owner.region, credentials });
    const link = {
      Name: 'partner',
      TargetDatabase: { CatalogId: owner.accountId, DatabaseName: 'omics_dev_var_store' },
    };
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: link }));
    const query = () =>
      answerOf(subscriber.athena, 'SELECT contigname, start FROM partner.omics_dev_var_store');
    assert.match(await query(), /FAILED.*omics_dev_var_store/);
    const shareId = await share(storeArn);
    assert.equal(await query(), '1,1');
    await owner.omics.send(new DeleteShareCommand({ shareId }));
    assert.match(await query(), /FAILED.*omics_dev_var_store/);
  });

  /** What the Iceberg catalog answers a client that asks for credentials, as PyIceberg does. */
  async function loadTable(database: string, table: string, keys: Keys): Promise<LoadedTable> {
    const target = `/iceberg/v1/namespaces/${database}/tables/${table}`;
    const headers = { 'x-iceberg-access-delegation': 'vended-credentials' };
    const port = Number(new URL(world.server.url).port);
    const signing = { service: 's3tables', region: owner.region, keys };
    const { status, text } = await ask(port, { target, headers }, signing);
    assert.equal(status, 200, text);
    return JSON.parse(text) as LoadedTable;
  }
  function vendedKeys({ config }: LoadedTable): Required<Keys> {
    return {
      accessKeyId: config['s3.access-key-id']!,
      secretAccessKey: config['s3.secret-access-key']!,
      sessionToken: config['s3.session-token']!,
    };
  }
  const refused = (attempt: Promise<unknown>) => assert.rejects(attempt, { name: 'AccessDenied' });

  test('a table’s files: credentials that the catalog gives the root read this table, and nothing else of its powers', async () => {
    const name = 'omics_dev_var_store';
    const loaded = await loadTable(name, name, world.credentials);
    // The same store's other side of cohorts: another table.
    const other = await loadTable(name, `${name}_sites`, world.credentials);
    const objectOf = ({ 'metadata-location': location }: LoadedTable) => {
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location)!;
      return { Bucket: Bucket!, Key: Key! };
    };
    const stored = { ...vendedKeys(loaded), accountId: owner.accountId, region: owner.region };
    const reader = awsClients(world.server.url, stored);
    const read = (object: { readonly Bucket: string; readonly Key: string }, client = reader.s3) =>
      client.send(new GetObjectCommand(object)).then(({ Body }) => Body!.transformToString());
    const own = objectOf(loaded);
    assert.equal(JSON.parse(await read(own))['current-snapshot-id'], 1);
    const Prefix = own.Key.replace(/metadata\/.*/, '');
    const list = (prefix: string) =>
      reader.s3.send(new ListObjectsV2Command({ Bucket: own.Bucket, Prefix: prefix }));
    assert.ok((await list(Prefix)).Contents!.some(({ Key }) => Key!.endsWith('.parquet')));

    assert.match(await read(objectOf(other), owner.s3), /"format-version":2/, 'the root itself may');
    await refused(read(objectOf(other)));
    await refused(list(''));
    await refused(list(objectOf(other).Key.replace(/metadata\/.*/, '')));
    await refused(read({ Bucket: 'our-data', Key: 'one.vcf' }));
    await refused(reader.s3.send(new PutObjectCommand({ Bucket: 'our-data', Key: 'x', Body: 'x' })));
    await refused(reader.iam.send(new CreateUserCommand({ UserName: 'eve' })));
    await assert.rejects(reader.omics.send(new ListSharesCommand({ resourceOwner: 'SELF' })), {
      name: 'AccessDeniedException',
    });
    const target = '/iceberg/v1/namespaces';
    const port = Number(new URL(world.server.url).port);
    const signing = { service: 's3tables', region: owner.region, keys: vendedKeys(loaded) };
    assert.equal((await ask(port, { target }, signing)).status, 403, 'nor more of them');
  });

  test('who can read a read set, an object, a key: those of other accounts whom its policies let too', async () => {
    const heidi = await userOf(subscriber, 'heidi', ['s3:*', 'kms:*']);
    const Principal = { AWS: subscriber.accountId };
    const letting = (Action: string, Resource: string, more: object = {}) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Sid: 'Partner', Effect: 'Allow', Principal, Action, Resource, ...more }],
      });
    const whoMay = async (action: string, resource: string) =>
      (await helicase('access', 'explain', '--action', action, '--resource', resource)).stdout;

    const store = await owner.omics.send(new CreateSequenceStoreCommand({ name: 'reads' }));
    const readSet = `${store.arn}/readSet/1234567890`;
    const { s3AccessPointArn } = store.s3Access!;
    const files = `${s3AccessPointArn}/object/${owner.accountId}/sequenceStore/${store.id}/*`;
    const s3AccessPolicy = letting('s3:GetObject', files);
    await owner.omics.send(new PutS3AccessPolicyCommand({ s3AccessPointArn, s3AccessPolicy }));
    const [api, s3] = (await whoMay('omics:GetReadSet', readSet)).split(/\ns3:GetObject on .*\n/);
    assert.match(api!, new RegExp(`✓ arn:aws:iam::${owner.accountId}:root`));
    assert.doesNotMatch(api!, new RegExp(subscriber.accountId), 'HealthOmics’ API is not shared by it');
    assert.match(s3!, new RegExp(`✓ ${heidi}: allowed by resource-based policy "resource policy", Partner`));
    assert.match(
      s3!,
      new RegExp(`✗ arn:aws:iam::${subscriber.accountId}:user/grace: no identity-based policy`),
    );

    await bucket(owner, 'partner-data', { 'a.txt': 'a' });
    const Policy = letting('s3:GetObject', 'arn:aws:s3:::partner-data/a*');
    await owner.s3.send(new PutBucketPolicyCommand({ Bucket: 'partner-data', Policy }));
    assert.match(
      await whoMay('s3:GetObject', 'arn:aws:s3:::partner-data/a.txt'),
      new RegExp(`✓ ${heidi}: allowed`),
    );
    assert.doesNotMatch(await whoMay('s3:GetObject', 'arn:aws:s3:::partner-data/b.txt'), new RegExp(heidi));

    const { accessKeyId, secretAccessKey } = world.credentials;
    const credentials = { accessKeyId, secretAccessKey };
    const kms = new KMSClient({ endpoint: world.server.url, region: owner.region, credentials });
    const own = { Effect: 'Allow', Principal: { AWS: owner.accountId }, Action: 'kms:*', Resource: '*' };
    const { Statement } = JSON.parse(letting('kms:Decrypt', '*')) as { Statement: object[] };
    const keyPolicy = JSON.stringify({ Version: '2012-10-17', Statement: [own, ...Statement] });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: keyPolicy }));
    assert.match(
      await whoMay('kms:Decrypt', KeyMetadata!.Arn!),
      new RegExp(`✓ ${heidi}: allowed .*, Partner`),
    );
  });

  /** A user who may do what the actions say; answers its ARN. */
  async function userOf({ iam }: Clients, UserName: string, Action: readonly string[]): Promise<string> {
    const { User } = await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
    });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    return User!.Arn!;
  }

  async function subscriberKeys() {
    const made = await helicase('account', 'keys', subscriber.accountId, '--add');
    assert.equal(made.status, 0, made.stderr);
    return JSON.parse(made.stdout.slice(0, made.stdout.indexOf('}') + 1)) as World['credentials'];
  }

  async function variantStore(): Promise<string> {
    const { omics, iam } = owner;
    const roleArn = await createJobRole(iam, 'Imports', 'our-data');
    const references = await omics.send(new CreateReferenceStoreCommand({ name: 'r' }));
    const referenceStoreId = references.id!;
    const sources = [{ sourceFile: 's3://our-data/tiny.fasta', name: 'tiny' }];
    const started = await omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId, roleArn, sources }),
    );
    const job = await until(
      () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId, id: started.id })),
      finished,
    );
    const referenceArn = `${references.arn}/reference/${job.sources![0]!.referenceId}`;
    const name = 'omics_dev_var_store';
    await omics.send(new CreateVariantStoreCommand({ name, reference: { referenceArn } }));
    const store = await until(
      () => omics.send(new GetVariantStoreCommand({ name })),
      ({ status }) => status === 'ACTIVE',
    );
    const { jobId } = await omics.send(
      new StartVariantImportJobCommand({
        destinationName: name,
        roleArn,
        items: [{ source: 's3://our-data/one.vcf' }],
      }),
    );
    const imported = await until(() => omics.send(new GetVariantImportJobCommand({ jobId })), finished);
    assert.equal(imported.status, 'COMPLETED', imported.statusMessage);
    return store.storeArn!;
  }

  test('the operator’s commands: accounts, their root keys, and a key that opens nothing once it is disabled', async () => {
    const listed = (await helicase('account', 'list')).stdout.trim().split('\n');
    assert.deepEqual(listed.sort(), [owner.accountId, subscriber.accountId].sort());
    const { accessKeyId, secretAccessKey } = await subscriberKeys();
    const stored = { accessKeyId, secretAccessKey, accountId: subscriber.accountId, region: owner.region };
    const { omics } = awsClients(world.server.url, stored);
    const list = () => omics.send(new ListSharesCommand({ resourceOwner: 'SELF' }));
    await list();
    const shown = await helicase('account', 'keys', subscriber.accountId, '--disable', accessKeyId);
    assert.match(shown.stdout, new RegExp(`${accessKeyId}  Inactive`));
    await until(
      () =>
        list().then(
          () => 'answered',
          (error: Error) => error.name,
        ),
      (answer) => answer !== 'answered',
    );
    assert.equal((await helicase('account', 'create', owner.accountId)).status, 2);
    assert.equal((await helicase('account', 'create', 'twelve')).status, 2);
    assert.equal((await helicase('account', 'keys', '999988887777')).status, 2);
  });

  test('what the operator does to an account is in its audit records', async () => {
    const made = JSON.parse((await helicase('account', 'create')).stdout) as StoredCredentials;
    const added = JSON.parse(
      (await helicase('account', 'keys', made.accountId, '--add')).stdout.split('\n}')[0]! + '}',
    ) as StoredCredentials;
    await helicase('account', 'keys', made.accountId, '--delete', added.accessKeyId);
    const trail = new CloudTrailClient({
      ...{ endpoint: world.server.url, region: owner.region },
      credentials: { accessKeyId: made.accessKeyId, secretAccessKey: made.secretAccessKey },
    });
    const { Events } = await trail.send(new LookupEventsCommand({}));
    const told = Events!.map(
      ({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent!) as Record<string, unknown>,
    );
    const names = told.map(({ eventName }) => eventName).filter((name) => name !== 'LookupEvents');
    assert.deepEqual(names.sort(), ['CreateAccessKey', 'CreateAccount', 'DeleteAccessKey']);
    for (const { userAgent } of told.filter(({ eventName }) => eventName !== 'LookupEvents'))
      assert.match(String(userAgent), /^helicase account, run by \S+/);
    assert.ok(!JSON.stringify(told).includes(added.secretAccessKey));
  });
});

type Keys = NonNullable<NonNullable<Parameters<typeof ask>[2]>['keys']>;

interface LoadedTable {
  readonly 'metadata-location': string;
  readonly config: Readonly<Record<string, string>>;
}

/** The rows of a query, or its state and reason. */
async function answerOf(athena: AthenaClient, QueryString: string): Promise<string> {
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString,
      ResultConfiguration: { OutputLocation: 's3://their-results/' },
    }),
  );
  const { QueryExecution } = await until(
    () => athena.send(new GetQueryExecutionCommand({ QueryExecutionId })),
    (answer) => !['QUEUED', 'RUNNING'].includes(answer.QueryExecution!.Status!.State!),
  );
  const { State, StateChangeReason } = QueryExecution!.Status!;
  if (State !== 'SUCCEEDED') return `${State}: ${StateChangeReason}`;
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
  const rows = ResultSet!.Rows!.slice(1).map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue));
  return rows.map((row) => row.join(',')).join('\n');
}
