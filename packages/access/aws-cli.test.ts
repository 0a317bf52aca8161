import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Ids, runCommand, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { openKeyRing } from '@helicase/blobs';
import { openTestRecords, type Records, type TestRecords } from '@helicase/records';
import { createGateway, createPageTokens } from '@helicase/wire';
import { type Access, createAccess } from './access.ts';
import type { RootKey } from './account/accounts.ts';

const cli = spawnSync('aws', ['--version']).status === 0;
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'omics.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

describe(
  'iam, sts and organizations through the aws CLI',
  { skip: cli ? false : 'no aws CLI on the path' },
  () => {
    let opened: TestRecords;
    let access: Access;
    let one: RootKey;
    let other: RootKey;
    let port: number;
    const ids = new Ids(systemClock, systemRandom);
    const server = createServer();

    before(async () => {
      const declare = (records: Records) => {
        access = createAccess({
          records,
          keyring: openKeyRing({ rows: records.keys, root: systemRandom.bytes(32), random: systemRandom }),
          pageTokens: createPageTokens(systemRandom.bytes(32)),
          clock: systemClock,
          ids,
          random: systemRandom,
        });
      };
      opened = await openTestRecords({ dialect: 'sqlite', declare });
      one = await access.ensureAccount('111122223333');
      other = await access.ensureAccount('444455556666');
      const gateway = createGateway({
        services: [access.iam, access.sts, access.organizations],
        raw: [],
        credentials: access.credentials,
        authorizer: access.authorizer,
        idempotency: opened.records.idempotency,
        regions: ['us-east-1', 'eu-west-1'],
        clock: systemClock,
        ids,
        log: silentLog,
      });
      server.on('request', (request, response) => void gateway.handle(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    });
    after(async () => {
      server.closeAllConnections();
      server.close();
      await opened.close();
    });

    async function aws(key: RootKey, args: readonly string[], region = 'us-east-1') {
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_MAX_ATTEMPTS: '1',
        AWS_PAGER: '',
        AWS_CONFIG_FILE: '/nonexistent',
        ...(process.env['PYENV_ROOT'] ? { PYENV_ROOT: process.env['PYENV_ROOT'] } : {}),
      };
      return runCommand('aws', args, { env });
    }
    async function answer(key: RootKey, args: readonly string[], region?: string): Promise<Answer> {
      const result = await aws(key, args, region);
      assert.equal(result.code, 0, result.stderr);
      return JSON.parse(result.stdout || '{}') as Answer;
    }
    async function refused(key: RootKey, args: readonly string[], message: RegExp): Promise<void> {
      const result = await aws(key, args);
      assert.notEqual(result.code, 0);
      assert.match(result.stderr, message);
    }

    test('each key says who it is, in every region of the server', async () => {
      for (const [key, region] of [
        [one, 'us-east-1'],
        [other, 'eu-west-1'],
      ] as const) {
        assert.deepEqual(await answer(key, ['sts', 'get-caller-identity'], region), {
          UserId: key.accountId,
          Account: key.accountId,
          Arn: `arn:aws:iam::${key.accountId}:root`,
        });
      }
    });

    test('a role of one account is there in every region, and not in another account', async () => {
      const made = await answer(
        one,
        [
          'iam',
          'create-role',
          '--role-name',
          'OmicsRole',
          '--assume-role-policy-document',
          trust,
          '--tags',
          'Key=a,Value=b',
        ],
        'eu-west-1',
      );
      assert.equal(made.Role!.Arn, 'arn:aws:iam::111122223333:role/OmicsRole');
      const { Role } = await answer(one, ['iam', 'get-role', '--role-name', 'OmicsRole']);
      assert.deepEqual(Role!.AssumeRolePolicyDocument, JSON.parse(trust));
      assert.deepEqual(Role!.Tags, [{ Key: 'a', Value: 'b' }]);
      await refused(
        other,
        ['iam', 'get-role', '--role-name', 'OmicsRole'],
        /\(NoSuchEntity\).*OmicsRole cannot be found/,
      );
      assert.deepEqual((await answer(other, ['iam', 'list-roles'])).Roles, []);
    });

    test('inline policies are put, read, listed by page and deleted; the role goes last', async () => {
      for (const name of ['a', 'b', 'c']) {
        await answer(one, [
          'iam',
          'put-role-policy',
          '--role-name',
          'OmicsRole',
          '--policy-name',
          name,
          '--policy-document',
          policy,
        ]);
      }
      const read = await answer(one, [
        'iam',
        'get-role-policy',
        '--role-name',
        'OmicsRole',
        '--policy-name',
        'b',
      ]);
      assert.deepEqual(read.PolicyDocument, JSON.parse(policy));
      const list = ['iam', 'list-role-policies', '--role-name', 'OmicsRole'];
      assert.deepEqual((await answer(one, [...list, '--page-size', '2'])).PolicyNames, ['a', 'b', 'c']);
      await refused(one, ['iam', 'delete-role', '--role-name', 'OmicsRole'], /\(DeleteConflict\).*a, b, c/);
      for (const name of ['a', 'b', 'c']) {
        await answer(one, ['iam', 'delete-role-policy', '--role-name', 'OmicsRole', '--policy-name', name]);
      }
      await answer(one, ['iam', 'delete-role', '--role-name', 'OmicsRole']);
      await refused(one, ['iam', 'get-role', '--role-name', 'OmicsRole'], /\(NoSuchEntity\)/);
    });

    test('a service control policy is made and attached to an account', async () => {
      const deny = '{"Statement":[{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"}]}';
      const type = ['--type', 'SERVICE_CONTROL_POLICY'];
      const create = [
        'organizations',
        'create-policy',
        '--name',
        'no-roles',
        '--description',
        'none',
        ...type,
      ];
      const { Policy } = await answer(one, [...create, '--content', deny]);
      const on = ['--policy-id', Policy!.PolicySummary.Id, '--target-id', other.accountId];
      await answer(one, ['organizations', 'attach-policy', ...on]);
      await refused(
        other,
        ['iam', 'list-roles'],
        /\(AccessDenied\).*explicit deny in a service control policy/,
      );
      await answer(one, ['organizations', 'detach-policy', ...on]);
    });

    test('what IAM refuses is refused with its codes', async () => {
      const create = (name: string, document: string) =>
        ['iam', 'create-role', '--role-name', name, '--assume-role-policy-document', document] as const;
      await refused(one, create('bad name', trust), /\(ValidationError\).*'bad name' at 'RoleName'.*pattern/);
      await refused(
        one,
        create('r', '{"Statement":'),
        /\(MalformedPolicyDocument\).*Syntax errors in policy/,
      );
      await answer(one, create('r', trust));
      await refused(one, create('R', trust), /\(EntityAlreadyExists\)/);
      await refused(
        one,
        ['iam', 'list-ssh-public-keys'],
        /\(NotSupportedOperation\).*ListSSHPublicKeys of iam/,
      );
    });
  },
);

interface Answer {
  readonly Policy?: { readonly PolicySummary: { readonly Id: string } };
  readonly Role?: {
    readonly Arn: string;
    readonly AssumeRolePolicyDocument: unknown;
    readonly Tags: unknown;
  };
  readonly Roles?: readonly unknown[];
  readonly PolicyDocument?: unknown;
  readonly PolicyNames?: readonly string[];
}
