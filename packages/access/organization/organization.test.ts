import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DeletePolicyCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  ListAccountsCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  ListTargetsForPolicyCommand,
  OrganizationsClient,
  UpdatePolicyCommand,
} from '@aws-sdk/client-organizations';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { allow, deny, policy } from '../testing/documents.ts';
import { type AccessWorld, type Keys, openAccessWorld } from '../testing/world.ts';

const SCP = 'SERVICE_CONTROL_POLICY' as const;
const FULL = 'p-FullAWSAccess';

describe('service control policies through the AWS SDK', () => {
  let world: AccessWorld;
  let manager: OrganizationsClient;
  let root: string;
  const client = (keys: Keys) =>
    new OrganizationsClient({
      ...{ endpoint: world.url, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    });
  before(async () => {
    world = await openAccessWorld((access) => [access.organizations]);
    manager = client(world.one);
    root = (await manager.send(new ListRootsCommand({}))).Roots![0]!.Id!;
  });
  after(() => world.close());

  async function control(Name: string, Content: string): Promise<string> {
    const { Policy } = await manager.send(
      new CreatePolicyCommand({ Name, Content, Description: '', Type: SCP }),
    );
    return Policy!.PolicySummary!.Id!;
  }
  const attach = (PolicyId: string, TargetId: string) =>
    manager.send(new AttachPolicyCommand({ PolicyId, TargetId }));
  const detach = (PolicyId: string, TargetId: string) =>
    manager.send(new DetachPolicyCommand({ PolicyId, TargetId }));
  const attachedTo = async (TargetId: string) => {
    const { Policies } = await manager.send(new ListPoliciesForTargetCommand({ TargetId, Filter: SCP }));
    return Policies!.map(({ Id }) => Id);
  };
  const listUsers = (keys: Keys) => world.iam(keys).send(new ListUsersCommand({}));

  test('the first account manages the organization that all accounts are', async () => {
    const { Organization } = await client(world.other).send(new DescribeOrganizationCommand({}));
    assert.equal(Organization!.MasterAccountId, world.one.account);
    assert.match(Organization!.Id!, /^o-[a-z0-9]{10,32}$/);
    const { Accounts } = await manager.send(new ListAccountsCommand({}));
    assert.deepEqual(
      Accounts!.map(({ Id }) => Id),
      [world.one.account, world.other.account],
    );
    assert.deepEqual(await attachedTo(root), [FULL]);
    assert.deepEqual(await attachedTo(world.other.account), [FULL]);
    const refused = { name: 'AccessDeniedException', message: /You don't have permissions/ };
    await assert.rejects(client(world.other).send(new ListPoliciesCommand({ Filter: SCP })), refused);
  });

  test('a deny holds for everyone of the account, its root user too, from the moment it is attached', async () => {
    const id = await control('no-users', policy(deny('iam:ListUsers')));
    await listUsers(world.other);
    await attach(id, world.other.account);
    await assert.rejects(listUsers(world.other), {
      name: 'AccessDenied',
      message:
        /is not authorized to perform: iam:ListUsers .* with an explicit deny in a service control policy$/,
    });
    await world.sts(world.other).send(new GetCallerIdentityCommand({}));
    await detach(id, world.other.account);
    await listUsers(world.other);
    await manager.send(new DeletePolicyCommand({ PolicyId: id }));
  });

  test('on the root it holds for every account but the one that manages', async () => {
    const id = await control('nobody', policy(deny('iam:*')));
    await attach(id, root);
    await assert.rejects(listUsers(world.other), { name: 'AccessDenied' });
    await listUsers(world.one);
    const { Targets } = await manager.send(new ListTargetsForPolicyCommand({ PolicyId: id }));
    assert.deepEqual(
      Targets!.map(({ TargetId, Type }) => [TargetId, Type]),
      [[root, 'ROOT']],
    );
    await detach(id, root);
  });

  test('every level must allow, and what they allow is granted to nobody by it', async () => {
    const iam = world.iam(world.other);
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const ann = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const id = await control('users-only', policy(allow('iam:*User*')));
    await attach(id, world.other.account);
    await detach(FULL, world.other.account);
    await assert.rejects(listUsers(ann), {
      message: /no identity-based policy allows the iam:ListUsers action/,
    });
    const PolicyDocument = policy(allow('*'));
    await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'p', PolicyDocument }));
    await listUsers(ann);
    await assert.rejects(world.iam(ann).send(new CreateAccessKeyCommand({ UserName: 'ann' })), {
      message: /because no service control policy allows the iam:CreateAccessKey action$/,
    });
    const Content = policy(allow(['iam:*User*', 'iam:CreateAccessKey', 'iam:Simulate*']));
    await manager.send(new UpdatePolicyCommand({ PolicyId: id, Content }));
    const [simulated] = (
      await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: `arn:aws:iam::${world.other.account}:user/ann`,
          ActionNames: ['omics:GetRun'],
        }),
      )
    ).EvaluationResults!;
    assert.equal(simulated!.EvalDecision, 'implicitDeny');
    assert.equal(simulated!.OrganizationsDecisionDetail!.AllowedByOrganizations, false);
    await world.iam(ann).send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    await attach(FULL, world.other.account);
    await detach(id, world.other.account);
  });

  test('what would leave an account without any policy, or a policy without its target, is refused', async () => {
    const id = await control('spare', policy(allow('s3:*')));
    await assert.rejects(detach(FULL, root), {
      name: 'ConstraintViolationException',
      message: /is the last one/,
    });
    await assert.rejects(attach('p-00000000', root), { name: 'PolicyNotFoundException' });
    await assert.rejects(attach(id, '999999999999'), { name: 'TargetNotFoundException' });
    await assert.rejects(detach(id, root), { name: 'PolicyNotAttachedException' });
    await attach(id, root);
    await assert.rejects(attach(id, root), { name: 'DuplicatePolicyAttachmentException' });
    await assert.rejects(manager.send(new DeletePolicyCommand({ PolicyId: id })), {
      name: 'PolicyInUseException',
    });
    await assert.rejects(manager.send(new DeletePolicyCommand({ PolicyId: FULL })), {
      message: /cannot be changed or deleted/,
    });
    await detach(id, root);
  });

  test('texts that are no policy, names given twice and other types of policies are refused', async () => {
    await assert.rejects(control('bad', '{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}'), {
      name: 'MalformedPolicyDocumentException',
    });
    const id = await control('one', policy(allow('s3:*')));
    await assert.rejects(control('one', policy(allow('s3:*'))), { name: 'DuplicatePolicyException' });
    const other = { Name: 'tags', Content: '{}', Description: '', Type: 'TAG_POLICY' } as const;
    await assert.rejects(manager.send(new CreatePolicyCommand(other)), {
      name: 'PolicyTypeNotAvailableForOrganizationException',
    });
    const { Policy } = await manager.send(new DescribePolicyCommand({ PolicyId: id }));
    assert.equal(Policy!.Content, policy(allow('s3:*')));
    assert.equal(Policy!.PolicySummary!.AwsManaged, false);
  });

  test('lists come in pages', async () => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await manager.send(new ListPoliciesCommand({ Filter: SCP, MaxResults: 1, NextToken }));
      assert.equal(page.Policies!.length, 1);
      names.push(page.Policies![0]!.Name);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    assert.ok(names.includes('FullAWSAccess') && names.includes('one') && names.length > 3, names.join());
    assert.equal(new Set(names).size, names.length);
  });
});
