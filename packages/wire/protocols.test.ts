import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as athena from '@aws-sdk/client-athena';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { ServiceError } from '@helicase/kernel';
import { coverage } from './coverage.ts';
import { type AnyOperation, defineOperation, type Protocol, type Service } from './operation.ts';
import { KEYS, startGateway, type TestGateway } from './testing/start-gateway.ts';

type Input = Record<string, unknown>;
let seen: Input = {};

function entry(service: string, name: string, handler: (input: Input) => unknown): AnyOperation {
  return defineOperation<Input, unknown>({
    name,
    action: `${service}:${name}`,
    resources: () => ['*'],
    readOnly: true,
    quota: name,
    handler: async (input) => {
      seen = input;
      return handler(input);
    },
  });
}

function service(
  name: string,
  protocol: Protocol,
  schemas: Service['schemas'],
  handlers: Readonly<Record<string, (input: Input) => unknown>>,
  more: Partial<Service> = {},
): Service {
  const operations = Object.entries(handlers).map(([operation, handler]) => entry(name, operation, handler));
  return { name, protocol, schemas, operations, ...more };
}

const created = new Date('2026-11-23T20:00:00Z');
const services = [
  service('athena', 'awsJson1_1', athena, {
    GetQueryExecution: () => ({
      QueryExecution: { QueryExecutionId: 'q', Status: { State: 'SUCCEEDED', SubmissionDateTime: created } },
    }),
    GetQueryResults: () => {
      throw new ServiceError('k', 'InvalidRequestException', 400, 'Query has not yet finished.');
    },
  }),
  service('logs', 'awsJson1_1', logs, {
    GetLogEvents: () => ({
      events: [{ timestamp: 1_795_000_000_123, message: 'a <b> "c"' }],
      nextForwardToken: 'f/1',
    }),
  }),
  service(
    'iam',
    'awsQuery',
    iam,
    {
      CreateRole: (input) => ({
        Role: {
          RoleName: input['RoleName'],
          Arn: 'arn:aws:iam::1:role/r',
          Path: '/',
          RoleId: 'AROA',
          CreateDate: created,
          Tags: input['Tags'],
          AssumeRolePolicyDocument: encodeURIComponent(String(input['AssumeRolePolicyDocument'])),
        },
      }),
      ListRoles: () => ({ Roles: [], IsTruncated: false }),
      DeleteRole: () => undefined,
      GetRole: () => {
        throw new ServiceError('k', 'NoSuchEntity', 404, 'The role with name <x> & "y" cannot be found.');
      },
    },
    { global: true, xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  ),
  service(
    'sts',
    'awsQuery',
    sts,
    {
      GetCallerIdentity: () => ({
        Account: '111122223333',
        UserId: '1',
        Arn: 'arn:aws:iam::111122223333:root',
      }),
    },
    { global: true, xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
  ),
];

describe('one endpoint, several services', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway({ services });
  });
  after(() => gateway.close());
  const config = () => ({
    endpoint: gateway.url,
    region: 'us-east-1',
    credentials: KEYS.first,
    maxAttempts: 1,
  });

  test('json: nested answers with dates', async () => {
    const client = new athena.AthenaClient(config());
    const { QueryExecution } = await client.send(
      new athena.GetQueryExecutionCommand({ QueryExecutionId: 'q' }),
    );
    assert.deepEqual(seen, { QueryExecutionId: 'q' });
    assert.equal(QueryExecution!.Status!.SubmissionDateTime!.getTime(), created.getTime());
  });

  test('json: errors are the exceptions of the client', async () => {
    const client = new athena.AthenaClient(config());
    await assert.rejects(
      client.send(new athena.GetQueryResultsCommand({ QueryExecutionId: 'q' })),
      (error) => {
        assert.ok(error instanceof athena.InvalidRequestException);
        assert.equal(error.message, 'Query has not yet finished.');
        return true;
      },
    );
  });

  test('json: a required member that is missing is the service’s own code', async () => {
    const client = new athena.AthenaClient(config());
    const input = {} as athena.GetQueryExecutionCommandInput;
    await assert.rejects(client.send(new athena.GetQueryExecutionCommand(input)), {
      name: 'InvalidRequestException',
      message:
        "1 validation error detected: Value null at 'QueryExecutionId' failed to satisfy constraint: Member must not be null",
    });
  });

  test('json: an operation without handler', async () => {
    const client = new logs.CloudWatchLogsClient(config());
    await assert.rejects(
      client.send(new logs.PutDestinationCommand({ destinationName: 'a', targetArn: 'b', roleArn: 'c' })),
      {
        name: 'NotSupportedOperationException',
        message: /PutDestination of logs/,
      },
    );
  });

  test('json: lists of structures and numbers', async () => {
    const client = new logs.CloudWatchLogsClient(config());
    const answer = await client.send(
      new logs.GetLogEventsCommand({ logStreamName: 's', startFromHead: true, limit: 5 }),
    );
    assert.deepEqual(seen, { logStreamName: 's', startFromHead: true, limit: 5 });
    assert.deepEqual(answer.events, [{ timestamp: 1_795_000_000_123, message: 'a <b> "c"' }]);
  });

  test('query: lists of structures in, structures, lists and dates out', async () => {
    const client = new iam.IAMClient(config());
    const AssumeRolePolicyDocument = '{"Statement":[{"Effect":"Allow & <more>"}]}';
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b c', Value: 'é&=+' },
    ];
    const { Role } = await client.send(
      new iam.CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument, Tags, MaxSessionDuration: 3600 }),
    );
    assert.deepEqual(seen, { RoleName: 'r', AssumeRolePolicyDocument, Tags, MaxSessionDuration: 3600 });
    assert.deepEqual(Role!.Tags, Tags);
    assert.equal(Role!.CreateDate!.getTime(), created.getTime());
    assert.equal(decodeURIComponent(Role!.AssumeRolePolicyDocument!), AssumeRolePolicyDocument);
  });

  test('query: an empty list is a list, no answer is none', async () => {
    const client = new iam.IAMClient(config());
    assert.deepEqual((await client.send(new iam.ListRolesCommand({}))).Roles, []);
    await client.send(new iam.DeleteRoleCommand({ RoleName: 'r' }));
  });

  test('query: errors are the exceptions of the client', async () => {
    const client = new iam.IAMClient(config());
    await assert.rejects(client.send(new iam.GetRoleCommand({ RoleName: 'r' })), (error) => {
      assert.ok(error instanceof iam.NoSuchEntityException, String(error));
      assert.equal(error.message, 'The role with name <x> & "y" cannot be found.');
      return true;
    });
    await assert.rejects(client.send(new iam.ListUsersCommand({})), { name: 'NotSupportedOperation' });
    const input = {} as iam.GetRoleCommandInput;
    await assert.rejects(client.send(new iam.GetRoleCommand(input)), {
      name: 'ValidationError',
      message: /'RoleName'/,
    });
  });

  test('query: a global service is signed for us-east-1 whatever the regions are', async () => {
    const elsewhere = await startGateway({ services, regions: ['eu-west-1'] });
    const client = (region: string) => new sts.STSClient({ ...config(), endpoint: elsewhere.url, region });
    for (const region of ['us-east-1', 'eu-west-1']) {
      const { Account } = await client(region).send(new sts.GetCallerIdentityCommand({}));
      assert.equal(Account, '111122223333');
    }
    await assert.rejects(client('ap-south-1').send(new sts.GetCallerIdentityCommand({})), {
      name: 'SignatureDoesNotMatch',
    });
    await elsewhere.close();
  });

  test('coverage tells what is implemented of every operation in the schemas', () => {
    const rows = coverage(services);
    const implemented = rows
      .filter((row) => row.implemented && row.service === 'iam')
      .map((row) => row.operation);
    assert.deepEqual(implemented, ['CreateRole', 'DeleteRole', 'GetRole', 'ListRoles']);
    assert.ok(rows.some((row) => row.service === 'iam' && row.operation === 'ListUsers' && !row.implemented));
  });

  test('all 107 operations of HealthOmics are registered', async () => {
    const omics = await import('@aws-sdk/client-omics');
    const rows = coverage([service('omics', 'restJson1', omics, {})]);
    assert.equal(rows.length, 107);
  });

  test('a table that names an operation which the schemas lack is refused at start', async () => {
    const wrong = service('sts', 'awsQuery', sts, { GetCallerIdentities: () => ({}) });
    await assert.rejects(startGateway({ services: [wrong] }), /GetCallerIdentities/);
  });
});
