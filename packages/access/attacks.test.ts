import {
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
  CreateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Actor, type Principal, rootPrincipal } from '@helicase/kernel';
import { allow, deny, policy, trust } from './testing/documents.ts';
import { type AccessWorld, openAccessWorld } from './testing/world.ts';

// Attempts to get in by what roles and policies leave open, asked of the evaluator. The whole list, by clients and with its
// records: e2e/attacks.test.ts. Forged and expired tokens, disabled keys, foreign sessions and
// device codes used twice are in sessions.test.ts and principals.test.ts; signatures, replay and stretched URLs in wire.

describe('attempts that are refused', () => {
  let world: AccessWorld;
  const scope = () => ({ account: world.one.account, region: 'us-east-1' });
  const service = trust({ Service: 'omics.amazonaws.com' });
  before(async () => {
    world = await openAccessWorld();
  });
  after(() => world.close());

  async function newUser(UserName: string, PolicyDocument: string): Promise<Principal> {
    const admin = world.iam(world.one);
    await admin.send(new CreateUserCommand({ UserName }));
    await admin.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName }));
    const found = await world.access.credentials.find(AccessKey!.AccessKeyId!);
    assert.ok(found && !found.expired);
    return found.principal;
  }
  async function newRole(RoleName: string, AssumeRolePolicyDocument: string): Promise<string> {
    const made = await world
      .iam(world.one)
      .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    return made.Role!.Arn!;
  }
  const start = (passedBy: Actor, arn: string, sourceArn?: string) =>
    world.access.roles.assume(passedBy.scope, arn, { passedBy, ...(sourceArn ? { sourceArn } : {}) });
  const refused = (attempt: Promise<unknown>, message: RegExp) =>
    assert.rejects(attempt, { code: 'AccessDeniedException', message });

  test('a job with a role that its starter may not pass, or not to HealthOmics', async () => {
    const role = await newRole('strong', service);
    const runner = { scope: scope(), principal: await newUser('runner', policy(allow('omics:*'))) };
    await refused(
      start(runner, role),
      /user\/runner is not authorized to perform: iam:PassRole on resource: .*role\/strong/,
    );
    const elsewhere = { Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } };
    const other = {
      scope: scope(),
      principal: await newUser('other', policy(allow('iam:PassRole', elsewhere))),
    };
    await refused(start(other, role), /iam:PassRole/);
    const only = { Resource: role.replace('strong', 'weak') };
    const weak = { scope: scope(), principal: await newUser('weak', policy(allow('iam:PassRole', only))) };
    await refused(start(weak, role), /iam:PassRole/);
    const passing = { Condition: { StringEquals: { 'iam:PassedToService': 'omics.amazonaws.com' } } };
    const right = {
      scope: scope(),
      principal: await newUser('right', policy(allow('iam:PassRole', passing))),
    };
    assert.equal((await start(right, role)).principal.arn, role);
  });

  test('a role whose trust policy names another service, another account’s jobs, or other resources', async () => {
    const root = {
      scope: scope(),
      principal: {
        account: world.one.account,
        kind: 'root',
        arn: `arn:aws:iam::${world.one.account}:root`,
        id: world.one.account,
      },
    } as const;
    await refused(
      start(root, await newRole('lambda', trust({ Service: 'lambda.amazonaws.com' }))),
      /is not authorized to assume the role/,
    );
    const ofOther = { Condition: { StringEquals: { 'aws:SourceAccount': world.other.account } } };
    await refused(
      start(root, await newRole('deputy', trust({ Service: 'omics.amazonaws.com' }, ofOther))),
      /aws:SourceAccount/,
    );
    const ofRuns = { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:omics:*:*:run/*' } } };
    const runs = await newRole('runs', trust({ Service: 'omics.amazonaws.com' }, ofRuns));
    const source = (resource: string) => `arn:aws:omics:us-east-1:${world.one.account}:${resource}`;
    await refused(start(root, runs, source('sequenceStore/1')), /is not authorized to assume/);
    await start(root, runs, source('run/1'));
  });

  test('a role of another account, by its ARN', async () => {
    const role = await newRole('mine', service);
    const theirs = { account: world.other.account, region: 'us-east-1' };
    await assert.rejects(world.access.roles.assume(theirs, role), { code: 'ValidationException' });
  });

  test('a role whose policy is taken away while its job runs', async () => {
    const role = await newRole('fading', service);
    const { principal } = await world.access.roles.assume(scope(), role);
    const read = () =>
      world.access.authorizer.authorize({
        principal,
        scope: scope(),
        action: 's3:GetObject',
        resources: ['arn:aws:s3:::b/k'],
        owner: world.one.account,
      });
    assert.equal((await read()).allowed, false);
    const put = world.access.iam.operations.find(({ name }) => name === 'PutRolePolicy')!;
    const context = { scope: scope(), principal, requestId: 'test', signal: new AbortController().signal };
    const input = { RoleName: 'fading', PolicyName: 'p', PolicyDocument: policy(allow('s3:GetObject')) };
    await put.handler!(input as never, context);
    assert.equal((await read()).allowed, true);
    await put.handler!({ ...input, PolicyDocument: policy(deny('s3:*')) } as never, context);
    assert.equal((await read()).allowed, false);
  });

  test('a job whose role a session policy narrows: what both allow, and no more', async () => {
    const role = await newRole('narrowed', service);
    const put = world.access.iam.operations.find(({ name }) => name === 'PutRolePolicy')!;
    const context = { scope: scope(), principal: rootPrincipal(world.one.account), requestId: 'test' };
    const signal = new AbortController().signal;
    const input = { RoleName: 'narrowed', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) };
    await put.handler!(input as never, { ...context, signal });
    const sessionPolicy = policy(allow(['s3:GetObject', 'logs:*']));
    const { principal } = await world.access.roles.assume(scope(), role, { sessionPolicy });
    const may = async (action: string) => {
      const question = {
        principal,
        scope: scope(),
        resources: ['arn:aws:s3:::b/k'],
        owner: world.one.account,
      };
      return (await world.access.authorizer.authorize({ ...question, action })).allowed;
    };
    assert.deepEqual(
      [await may('s3:GetObject'), await may('s3:PutObject'), await may('logs:PutLogEvents')],
      [true, false, false],
    );
    const malformed = world.access.roles.assume(scope(), role, { sessionPolicy: '{"Allow": "*"}' });
    await assert.rejects(malformed, { code: 'ValidationException', message: /^sessionPolicy is no policy/ });
  });

  test('a tag whose value is a pattern, put into a policy’s variable', async () => {
    const home = policy(allow('s3:GetObject', { Resource: 'arn:aws:s3:::data/${aws:PrincipalTag/home}/*' }));
    const principal = await newUser('tagged', home);
    const asTagged = (value: string): Principal => ({
      ...principal,
      session: {
        issuer: { arn: principal.arn, id: principal.id },
        name: '',
        issuedAt: 0,
        expiresAt: 1,
        tags: { home: value },
      },
    });
    const may = async (value: string, key: string) => {
      const question = {
        scope: scope(),
        action: 's3:GetObject',
        resources: [`arn:aws:s3:::data/${key}`],
        owner: world.one.account,
      };
      return (await world.access.authorizer.authorize({ ...question, principal: asTagged(value) })).allowed;
    };
    assert.equal(await may('ann', 'ann/x'), true);
    for (const bent of ['*', '??n', '${*}', 'ann/../ben', 'a*'])
      assert.equal(await may(bent, 'ann/x'), false, bent);
  });
});
