import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Principal } from '@helicase/kernel';
import {
  compilePolicy,
  contextOf,
  decide,
  parsePolicy,
  PolicyFault,
  type Requester,
} from './policy/index.ts';
import { policy, trust } from './testing/documents.ts';
import { type GuideCase, guidePolicies } from './testing/guide-policies.ts';
import { type AccessWorld, openAccessWorld } from './testing/world.ts';

const ACCOUNT = '123456789012';

describe('the guide’s policies for users and roles', () => {
  let world: AccessWorld;
  before(async () => {
    world = await openAccessWorld();
    await world.access.ensureAccount(ACCOUNT);
  });
  after(() => world.close());

  async function userWith(name: string, document: string): Promise<Principal> {
    const root = await world.access.ensureAccount(ACCOUNT);
    const admin = world.iam(root);
    await admin.send(new CreateUserCommand({ UserName: name }));
    await admin.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument: document }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName: name }));
    const found = await world.access.credentials.find(AccessKey!.AccessKeyId!);
    assert.ok(found && !found.expired);
    return found.principal;
  }

  guidePolicies.forEach(({ chapter, statements, version = '2012-10-17', permits, refuses }, index) => {
    test(`${chapter}: permits what it says and nothing beyond`, async () => {
      const document = JSON.stringify({
        ...(version === '' ? {} : { Version: version }),
        Statement: statements,
      });
      // A user of the policy's own name would be aws:username; the guide's example calls her ann.
      const name = chapter.startsWith('Allow users') ? 'ann' : `reader${index}`;
      const principal = await userWith(name, document);
      const scope = { account: ACCOUNT, region: 'us-west-2' };
      const may = async ({ action, resource, context }: GuideCase) => {
        const question = { principal, scope, action, resources: [resource], owner: ACCOUNT };
        return (
          await world.access.authorizer.authorize({
            ...question,
            ...(context ? { conditions: context } : {}),
          })
        ).allowed;
      };
      for (const one of permits) assert.equal(await may(one), true, `permits ${JSON.stringify(one)}`);
      // What a context without the username refuses cannot be asked of a real user, who has one.
      const real = refuses.filter(({ action, context }) => action !== 'iam:GetUser' || context);
      for (const one of real) assert.equal(await may(one), false, `refuses ${JSON.stringify(one)}`);
    });
  });

  test('as printed, the misprinted ones are refused with what is wrong in them', () => {
    const refused = (document: string, message: RegExp) =>
      assert.throws(
        () => parsePolicy(document, 'identity'),
        (error) => error instanceof PolicyFault && message.test(error.message),
      );
    const allow = { Effect: 'Allow', Resource: '*' };
    refused(policy({ ...allow, Action: 'kms.Decrypt' }), /must be prefaced by a vendor/);
    refused(
      policy({ ...allow, Action: ['omics:GetRun', 'omics>DeleteRun'] }),
      /must be prefaced by a vendor/,
    );
    refused(
      policy({ ...allow, Action: 's3:GetObject', Resource: ['arn:AWS:s3:::[s3path]/*'] }),
      /Partition "AWS" is not valid/,
    );
    refused('{"Statement":[{"Effect":"Allow","Action":["omics:List*"],}],}', /is not JSON/);
  });
});

describe('the guide’s policies of resources', () => {
  const service: Requester = { account: ACCOUNT, kind: 'service', arn: 'omics.amazonaws.com' };
  const user: Requester = { account: ACCOUNT, kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/ann` };
  const foreign: Requester = {
    account: '210987654321',
    kind: 'user',
    arn: 'arn:aws:iam::210987654321:user/bob',
  };
  const everything = compilePolicy(
    'all',
    parsePolicy(policy({ Effect: 'Allow', Action: '*', Resource: '*' }), 'identity'),
  );

  function may(
    requester: Requester,
    action: string,
    document: string,
    kind: 'resource' | 'repository' | 'trust',
    context: Readonly<Record<string, string>> = {},
  ): boolean {
    const access = {
      ...{
        requester,
        action: action.toLowerCase(),
        resource: '*',
        owner: ACCOUNT,
        context: contextOf(context),
      },
      needsResourcePolicy: kind !== 'repository',
    };
    const resource = [compilePolicy('r', parsePolicy(document, kind))];
    return decide(access, { identity: requester.kind === 'service' ? [] : [everything], resource }).allowed;
  }

  test('trust policies: HealthOmics assumes the role, nobody else', () => {
    for (const Service of ['omics.amazonaws.com', ['omics.amazonaws.com']]) {
      const document = trust({ Service });
      assert.ok(may(service, 'sts:AssumeRole', document, 'trust'));
      assert.ok(!may({ ...service, arn: 'ec2.amazonaws.com' }, 'sts:AssumeRole', document, 'trust'));
      assert.ok(!may(user, 'sts:AssumeRole', document, 'trust'));
    }
  });

  test('confused deputy: for this account’s resources only', () => {
    const document = trust(
      { Service: ['omics.amazonaws.com'] },
      {
        Sid: '',
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          StringLike: { 'aws:SourceArn': `arn:aws:omics:us-west-2:${ACCOUNT}:*` },
        },
      },
    );
    const from = (account: string, region = 'us-west-2') => ({
      'aws:SourceAccount': account,
      'aws:SourceArn': `arn:aws:omics:${region}:${account}:run/1`,
    });
    assert.ok(may(service, 'sts:AssumeRole', document, 'trust', from(ACCOUNT)));
    assert.ok(!may(service, 'sts:AssumeRole', document, 'trust', from('210987654321')));
    assert.ok(!may(service, 'sts:AssumeRole', document, 'trust', from(ACCOUNT, 'us-east-1')));
    assert.ok(!may(service, 'sts:AssumeRole', document, 'trust'));
  });

  test('ECR repositories: HealthOmics pulls, and the other account where it is named', () => {
    const pull = ['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage', 'ecr:BatchCheckLayerAvailability'];
    const statement = {
      Sid: 'omics workflow',
      Effect: 'Allow',
      Principal: { Service: 'omics.amazonaws.com' },
      Action: pull,
    };
    const cross = {
      ...statement,
      Sid: 'OmicsAccessCrossAccount',
      Principal: { AWS: 'arn:aws:iam::210987654321:root' },
    };
    const old = JSON.stringify({
      Version: '2008-10-17',
      Statement: [{ ...statement, Action: pull.slice(0, 2) }],
    });
    for (const document of [policy(statement), policy(statement, cross), old]) {
      assert.ok(may(service, 'ecr:BatchGetImage', document, 'repository'));
      assert.ok(!may(service, 'ecr:PutImage', document, 'repository'));
    }
    assert.ok(may(foreign, 'ecr:BatchGetImage', policy(statement, cross), 'repository'));
    assert.ok(!may(foreign, 'ecr:BatchGetImage', policy(statement), 'repository'));
    assert.ok(!may(foreign, 'ecr:PutImage', policy(statement, cross), 'repository'));
  });

  test('a key’s statement for HealthOmics, printed without a version', () => {
    const Action = [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
    ];
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'omics.amazonaws.com' },
      Action,
      Resource: '*',
    };
    const document = JSON.stringify({ Statement: [statement] });
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom']) {
      assert.ok(may(service, action, document, 'resource'));
    }
    assert.ok(!may(service, 'kms:ScheduleKeyDeletion', document, 'resource'));
    assert.ok(!may(user, 'kms:Decrypt', document, 'resource'));
  });

  test('the endpoint policy lets lists through, and nothing else', () => {
    // Printed with commas after last elements, and without its Resource in the first half.
    const document = JSON.stringify({
      Statement: [{ Principal: '*', Effect: 'Allow', Action: ['omics:List*'], Resource: '*' }],
    });
    const endpoint = [compilePolicy('vpce-1', parsePolicy(document, 'endpoint'))];
    const through = (action: string) =>
      decide(
        { requester: user, action, resource: '*', owner: ACCOUNT, context: new Map() },
        { identity: [everything], endpoint },
      ).allowed;
    assert.ok(through('omics:listruns'));
    assert.ok(!through('omics:getrun'));
  });
});

const guide = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'guide',
  'aws-healthomics-user-guide.txt',
);

describe(
  'the guide itself',
  { skip: existsSync(guide) ? false : 'the guide is not beside this clone' },
  () => {
    test('prints no more policies than are here', () => {
      const text = readFileSync(guide, 'utf8');
      // Read one by one: several are printed twice (trust, S3 URIs, repositories). One more would be one without a test.
      const printed = text.match(/"Statement":\s*\[/g)!.length;
      assert.equal(printed, 29);
    });
  },
);

test('a role with the guide’s trust policy is taken by IAM as printed', async () => {
  const world = await openAccessWorld();
  const AssumeRolePolicyDocument = trust({ Service: 'omics.amazonaws.com' });
  await world.iam(world.one).send(new CreateRoleCommand({ RoleName: 'service', AssumeRolePolicyDocument }));
  const arn = `arn:aws:iam::${world.one.account}:role/service`;
  const scope = { account: world.one.account, region: 'us-east-1' };
  assert.equal((await world.access.roles.assume(scope, arn)).principal.arn, arn);
  await world.close();
});
