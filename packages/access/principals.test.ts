import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetInstanceProfileCommand,
  GetPolicyVersionCommand,
  GetUserCommand,
  type IAMClient,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupsCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListUsersCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { allow, deny, policy, trust } from './testing/documents.ts';
import { type AccessWorld, type Keys, openAccessWorld } from './testing/world.ts';

describe('users, groups and their policies through the AWS SDK', () => {
  let world: AccessWorld;
  let admin: IAMClient;
  before(async () => {
    world = await openAccessWorld();
    admin = world.iam(world.one);
  });
  after(() => world.close());

  async function newUser(name: string, Path = '/'): Promise<{ arn: string; keys: Keys; iam: IAMClient }> {
    const { User } = await admin.send(new CreateUserCommand({ UserName: name, Path }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName: name }));
    const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    return { arn: User!.Arn!, keys, iam: world.iam(keys) };
  }
  const put = (UserName: string, PolicyDocument: string, PolicyName = 'p') =>
    admin.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  const listUsers = (iam: IAMClient) => iam.send(new ListUsersCommand({}));
  const denied = (attempt: Promise<unknown>, message: RegExp) =>
    assert.rejects(attempt, { name: 'AccessDenied', message });

  test('a user without policies may nothing; an inline policy counts at once, and its end too', async () => {
    const ann = await newUser('ann');
    await denied(
      listUsers(ann.iam),
      /^User: arn:aws:iam::111122223333:user\/ann is not authorized to perform: iam:ListUsers on resource: \* because no identity-based policy allows the iam:ListUsers action$/,
    );
    await put('ann', policy(allow('iam:ListUsers')));
    assert.equal((await listUsers(ann.iam)).Users!.length, 1);
    await denied(ann.iam.send(new ListGroupsCommand({})), /iam:ListGroups/);
    await put('ann', policy(deny('iam:List*')), 'no lists'.replace(' ', '-'));
    await denied(listUsers(ann.iam), /with an explicit deny in an identity-based policy$/);
    await admin.send(new DeleteUserPolicyCommand({ UserName: 'ann', PolicyName: 'no-lists' }));
    await listUsers(ann.iam);
  });

  test('what a group has its members have, for as long as they are in it', async () => {
    const ben = await newUser('ben');
    await admin.send(new CreateGroupCommand({ GroupName: 'readers' }));
    const made = await admin.send(
      new CreatePolicyCommand({ PolicyName: 'Read', PolicyDocument: policy(allow('iam:ListUsers')) }),
    );
    const PolicyArn = made.Policy!.Arn!;
    await admin.send(new AttachGroupPolicyCommand({ GroupName: 'readers', PolicyArn }));
    await denied(listUsers(ben.iam), /no identity-based policy/);
    await admin.send(new AddUserToGroupCommand({ GroupName: 'readers', UserName: 'ben' }));
    await listUsers(ben.iam);
    const second = policy(allow('iam:ListGroups'));
    await admin.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: second, SetAsDefault: true }),
    );
    await denied(listUsers(ben.iam), /no identity-based policy/);
    await ben.iam.send(new ListGroupsCommand({}));
    const read = await admin.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    assert.equal(decodeURIComponent(read.PolicyVersion!.Document!), second);
    await assert.rejects(admin.send(new DeletePolicyCommand({ PolicyArn })), {
      name: 'DeleteConflictException',
    });
    const uses = await admin.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    assert.deepEqual(
      uses.PolicyGroups!.map(({ GroupName }) => GroupName),
      ['readers'],
    );
    await admin.send(new RemoveUserFromGroupCommand({ GroupName: 'readers', UserName: 'ben' }));
    await denied(ben.iam.send(new ListGroupsCommand({})), /no identity-based policy/);
  });

  test('a permissions boundary limits what policies give', async () => {
    const cat = await newUser('cat');
    await put('cat', policy(allow('iam:*')));
    await listUsers(cat.iam);
    const made = await admin.send(
      new CreatePolicyCommand({ PolicyName: 'Limit', PolicyDocument: policy(allow('iam:ListGroups')) }),
    );
    const PermissionsBoundary = made.Policy!.Arn!;
    await admin.send(new PutUserPermissionsBoundaryCommand({ UserName: 'cat', PermissionsBoundary }));
    await denied(listUsers(cat.iam), /because no permissions boundary allows the iam:ListUsers action$/);
    await cat.iam.send(new ListGroupsCommand({}));
  });

  test('the guide’s policy lets a user see itself and nobody else', async () => {
    const dan = await newUser('dan');
    await put(
      'dan',
      policy(
        allow(['iam:GetUser', 'iam:ListAttachedUserPolicies'], {
          Resource: ['arn:aws:iam::*:user/${aws:username}'],
        }),
      ),
    );
    const { User } = await dan.iam.send(new GetUserCommand({}));
    assert.equal(User!.Arn, dan.arn);
    await dan.iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'dan' }));
    await denied(dan.iam.send(new GetUserCommand({ UserName: 'ann' })), /user\/ann/);
    // A name with a star in it is a name, not a pattern: IAM does not take it, so the variable cannot be bent by it.
    await assert.rejects(admin.send(new CreateUserCommand({ UserName: '*' })), { name: 'ValidationError' });
  });

  test('a policy that names a path holds for the users below it', async () => {
    const eve = await newUser('eve');
    const far = await newUser('far', '/lab/');
    await put('eve', policy(allow('iam:GetUser', { Resource: 'arn:aws:iam::111122223333:user/lab/*' })));
    await eve.iam.send(new GetUserCommand({ UserName: 'far' }));
    assert.match(far.arn, /:user\/lab\/far$/);
    await denied(eve.iam.send(new GetUserCommand({ UserName: 'ann' })), /user\/ann/);
  });

  test('tags of the user are its principal tags', async () => {
    const fay = await newUser('fay');
    const Condition = { StringEquals: { 'aws:PrincipalTag/team': 'genomics' } };
    await put('fay', policy(allow('iam:ListUsers', { Condition })));
    await denied(listUsers(fay.iam), /no identity-based policy/);
    await admin.send(new TagUserCommand({ UserName: 'fay', Tags: [{ Key: 'team', Value: 'genomics' }] }));
    await listUsers(fay.iam);
  });

  test('keys are rotated: a second one, the first disabled, then deleted; its last use is known', async () => {
    const gus = await newUser('gus');
    await put('gus', policy(allow('iam:ListUsers')));
    await listUsers(gus.iam);
    const used = await admin.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: gus.keys.accessKeyId }));
    assert.equal(used.UserName, 'gus');
    assert.equal(used.AccessKeyLastUsed!.ServiceName, 'iam');
    await admin.send(new CreateAccessKeyCommand({ UserName: 'gus' }));
    await assert.rejects(admin.send(new CreateAccessKeyCommand({ UserName: 'gus' })), {
      name: 'LimitExceededException',
    });
    const first = { UserName: 'gus', AccessKeyId: gus.keys.accessKeyId };
    await admin.send(new UpdateAccessKeyCommand({ ...first, Status: 'Inactive' }));
    await assert.rejects(listUsers(gus.iam), { name: 'InvalidClientTokenId' });
    await admin.send(new UpdateAccessKeyCommand({ ...first, Status: 'Active' }));
    await listUsers(gus.iam);
    await admin.send(new DeleteAccessKeyCommand(first));
    await assert.rejects(listUsers(gus.iam), { name: 'InvalidClientTokenId' });
    await assert.rejects(admin.send(new DeleteUserCommand({ UserName: 'gus' })), {
      name: 'DeleteConflictException',
      message: /policies, access keys/,
    });
  });

  test('AWS’s managed policies can be attached and not changed', async () => {
    await newUser('hal');
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonOmicsReadOnlyAccess';
    await admin.send(new AttachUserPolicyCommand({ UserName: 'hal', PolicyArn }));
    const listed = await admin.send(new ListPoliciesCommand({ Scope: 'AWS', OnlyAttached: true }));
    assert.deepEqual(
      listed.Policies!.map(({ PolicyName }) => PolicyName),
      ['AmazonOmicsReadOnlyAccess'],
    );
    await assert.rejects(admin.send(new DeletePolicyCommand({ PolicyArn })), { name: 'AccessDenied' });
    await admin.send(new DetachUserPolicyCommand({ UserName: 'hal', PolicyArn }));
    const missing = { UserName: 'hal', PolicyArn: 'arn:aws:iam::aws:policy/NoSuchPolicy' };
    await assert.rejects(admin.send(new AttachUserPolicyCommand(missing)), { name: 'NoSuchEntityException' });
  });

  test('the account is summed up, told in whole, and simulated as it decides', async () => {
    const { SummaryMap } = await admin.send(new GetAccountSummaryCommand({}));
    assert.equal(SummaryMap!['Users'], 9);
    assert.equal(SummaryMap!['Groups'], 1);
    const details = await admin.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['User'] }));
    assert.equal(
      details.UserDetailList!.find(({ UserName }) => UserName === 'ann')!.UserPolicyList!.length,
      1,
    );
    const simulated = await admin.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: 'arn:aws:iam::111122223333:user/ann',
        ActionNames: ['iam:ListUsers', 'omics:GetRun'],
      }),
    );
    assert.deepEqual(
      simulated.EvaluationResults!.map(({ EvalDecision }) => EvalDecision),
      ['allowed', 'implicitDeny'],
    );
    const custom = await admin.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [policy(allow('omics:*'), deny('omics:Delete*'))],
        ActionNames: ['omics:DeleteRun'],
      }),
    );
    assert.equal(custom.EvaluationResults![0]!.EvalDecision, 'explicitDeny');
    assert.equal(custom.EvaluationResults![0]!.MatchedStatements![0]!.SourcePolicyId, 'PolicyInputList.1');
  });

  test('another account sees none of it', async () => {
    const iam = world.iam(world.other);
    assert.deepEqual((await listUsers(iam)).Users, []);
    await assert.rejects(iam.send(new GetUserCommand({ UserName: 'ann' })), {
      name: 'NoSuchEntityException',
    });
  });

  test('an instance profile holds the one role that a machine gets; who puts it there must be let pass it', async () => {
    const forMachines = trust({ Service: 'ec2.amazonaws.com' });
    const named = { InstanceProfileName: 'node' };
    const held = { ...named, RoleName: 'node-role' };
    const { Role } = await admin.send(
      new CreateRoleCommand({ RoleName: 'node-role', AssumeRolePolicyDocument: forMachines }),
    );
    const { InstanceProfile } = await admin.send(
      new CreateInstanceProfileCommand({ ...named, Path: '/lab/' }),
    );
    assert.equal(InstanceProfile!.Arn, Role!.Arn!.replace('role/node-role', 'instance-profile/lab/node'));
    assert.match(InstanceProfile!.InstanceProfileId!, /^AIPA[A-Z2-7]{17}$/);

    const { iam } = await newUser('operator');
    await put('operator', policy(allow('iam:AddRoleToInstanceProfile', { Resource: InstanceProfile!.Arn! })));
    await denied(iam.send(new AddRoleToInstanceProfileCommand(held)), /iam:PassRole/);
    const Condition = { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } };
    await put('operator', policy(allow('iam:PassRole', { Resource: Role!.Arn!, Condition })), 'pass');
    await iam.send(new AddRoleToInstanceProfileCommand(held));
    await assert.rejects(admin.send(new AddRoleToInstanceProfileCommand(held)), {
      name: 'LimitExceededException',
    });

    const got = await admin.send(new GetInstanceProfileCommand(named));
    assert.equal(got.InstanceProfile!.Roles![0]!.Arn, Role!.Arn);
    const of = await admin.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'node-role' }));
    assert.deepEqual(
      of.InstanceProfiles!.map((one) => one.InstanceProfileName),
      ['node'],
    );
    const details = await admin.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
    const detail = details.RoleDetailList!.find(({ RoleName }) => RoleName === 'node-role')!;
    assert.equal(detail.InstanceProfileList![0]!.InstanceProfileName, 'node');

    const conflict = { name: 'DeleteConflictException' };
    await assert.rejects(admin.send(new DeleteRoleCommand({ RoleName: 'node-role' })), conflict);
    await assert.rejects(admin.send(new DeleteInstanceProfileCommand(named)), conflict);
    await admin.send(new RemoveRoleFromInstanceProfileCommand(held));
    await admin.send(new DeleteInstanceProfileCommand(named));
    await admin.send(new DeleteRoleCommand({ RoleName: 'node-role' }));
    await assert.rejects(admin.send(new GetInstanceProfileCommand(named)), {
      message: /^The instance profile with name node cannot be found/,
    });
  });
});
