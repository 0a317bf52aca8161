import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CreateRepositoryResponse, DescribeImagesResponse } from '@aws-sdk/client-ecr';
import type { CreateAccessKeyResponse, CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  ListRunTasksResponse,
  StartRunResponse,
  GetRunTaskResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { BUSYBOX, makeBusyboxImage } from '../packages/runtime/testing/busybox-image.ts';
import { startRegistry, type TestRegistry } from '../packages/runtime/testing/docker-registry.ts';
import {
  type AwsCommand,
  awsCli,
  awsCommand,
  clientEnvironment,
  finished,
  openWorld,
  runProgram,
  until,
  type World,
} from './world.ts';

// The guide, "Amazon ECR" and "Containers": images pushed with docker's protocol, and runs that get them by ECR's names.

const PULL = ['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage', 'ecr:BatchCheckLayerAvailability'];
/** The guide's statement for a repository that workflows use. */
const OMICS = {
  Sid: 'OmicsAccessPrincipal',
  Effect: 'Allow',
  Principal: { Service: 'omics.amazonaws.com' },
  Action: PULL,
};
/** "To use cross-account containers in the same region, you would add a permission like the following." */
const otherAccount = (account: string) => ({
  Sid: 'OmicsAccessCrossAccount',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: PULL,
});
/** The guide's other form of it, in "Workflow definition files". */
const OLDER = JSON.stringify({
  Version: '2008-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'omics.amazonaws.com' },
      Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    },
  ],
});
const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const TRUST = policy({
  Effect: 'Allow',
  Principal: { Service: 'omics.amazonaws.com' },
  Action: 'sts:AssumeRole',
});
const ROLE_POLICY = [
  {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
    Resource: 'arn:aws:s3:::ecr-bucket*',
  },
  { Effect: 'Allow', Action: ['logs:*'], Resource: '*' },
];
const ROLE_PULL = { Effect: 'Allow', Action: PULL, Resource: 'arn:aws:ecr:us-east-1:*:repository/*' };
const WORKFLOW = `version 1.0
workflow InImage {
  input { String docker }
  call Greet { input: docker = docker }
  output { String said = Greet.said }
}
task Greet {
  input { String docker }
  command { echo "$REFERENCE"; ls /bin/busybox }
  output { String said = read_string(stdout()) }
  runtime { docker: docker cpu: 1 memory: "256 MiB" }
}
`;
/** The image stands in the definition: nobody looks for it before the task. */
const fixed = (image: string) => `version 1.0
workflow Fixed { call work }
task work { command { true } runtime { docker: "${image}" cpu: 1 memory: "256 MiB" } }
`;

const lacking =
  awsCli.skip ||
  (process.getuid?.() === 0 ? false : 'images are unpacked by root') ||
  (existsSync(BUSYBOX) ? false : 'busybox-static is not installed') ||
  (['docker-registry', 'skopeo', 'umoci', 'runc'].find(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  ) ??
    false);

describe('container images in ECR', { skip: lacking, timeout: 300_000 }, () => {
  let folder: string;
  let registry: TestRegistry;
  let world: World;
  let aws: AwsCommand;
  let host: string;
  let account: string;
  let roleArn: string;
  let digest: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-ecr-'));
    registry = await startRegistry(join(folder, 'registry'));
    world = await openWorld(['--registry', registry.url]);
    aws = awsCommand(world);
    host = new URL(world.server.url).host;
    account = world.credentials.accountId;
    await aws.json`s3api create-bucket --bucket ecr-bucket`;
    const role =
      await aws.json<CreateRoleResponse>`iam create-role --role-name Runner --assume-role-policy-document ${TRUST}`;
    roleArn = role.Role!.Arn!;
    await allow(...ROLE_POLICY, ROLE_PULL);
    digest = await makeBusyboxImage(join(folder, 'image'));
  });
  after(async () => {
    await world.close();
    registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const allow = (...statements: readonly object[]) =>
    aws.json`iam put-role-policy --role-name Runner --policy-name runs --policy-document ${policy(...statements)}`;
  const uri = (repository: string) => `${account}.dkr.ecr.us-east-1.amazonaws.com/${repository}`;
  /** As `aws ecr get-login-password` prints it. */
  const password = async (environment = world.environment) => {
    const printed = await runProgram(
      'aws',
      ['ecr', 'get-login-password'],
      { ...environment, PATH: process.env['PATH'] ?? '' },
      folder,
    );
    assert.equal(printed.status, 0, printed.stderr);
    return printed.stdout.trim();
  };
  const skopeo = (args: readonly string[]) =>
    runProgram('skopeo', args, { PATH: process.env['PATH'] ?? '', HOME: folder }, folder);
  const push = (name: string, token: string) =>
    skopeo([
      'copy',
      '--dest-tls-verify=false',
      `--dest-creds=AWS:${token}`,
      `oci:${join(folder, 'image/layout')}:made`,
      `docker://${host}/${name}`,
    ]);
  const register = async (source: string, client = aws) => {
    writeFileSync(join(world.folder, 'workflow.zip'), zipSync({ 'main.wdl': Buffer.from(source) }));
    const { id } =
      await client.json<CreateWorkflowResponse>`omics create-workflow --name image --definition-zip fileb://workflow.zip`;
    const workflow = await until(
      () => client.json<GetWorkflowResponse>`omics get-workflow --id ${id}`,
      finished,
    );
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    return id!;
  };
  const ended = async (id: string, client = aws) =>
    until(() => client.json<GetRunResponse>`omics get-run --id ${id}`, finished, 120);
  const start = async (workflowId: string, parameters: object) =>
    (
      await aws.json<StartRunResponse>`omics start-run --workflow-id ${workflowId} --role-arn ${roleArn} --output-uri s3://ecr-bucket/out --parameters ${JSON.stringify(parameters)}`
    ).id!;

  test('a repository is made, an image pushed with the token, and described', async () => {
    const made =
      await aws.json<CreateRepositoryResponse>`ecr create-repository --repository-name tools/busybox`;
    assert.equal(made.repository?.repositoryUri, uri('tools/busybox'));
    const pushed = await push('tools/busybox:1', await password());
    assert.equal(pushed.status, 0, pushed.stderr);
    const { imageDetails } =
      await aws.json<DescribeImagesResponse>`ecr describe-images --repository-name tools/busybox --image-ids imageTag=1`;
    assert.equal(imageDetails?.[0]?.imageDigest, digest);
    assert.deepEqual(imageDetails?.[0]?.imageTags, ['1']);
    const { images } = await aws.json<{
      images: { imageManifest: string }[];
    }>`ecr batch-get-image --repository-name tools/busybox --image-ids imageTag=1`;
    assert.equal((JSON.parse(images[0]!.imageManifest) as { schemaVersion: number }).schemaVersion, 2);
    const pulled = await skopeo([
      'inspect',
      '--tls-verify=false',
      `--creds=AWS:${await password()}`,
      '--format',
      '{{.Digest}}',
      `docker://${host}/tools/busybox:1`,
    ]);
    assert.equal(pulled.stdout.trim(), digest, pulled.stderr);
  });

  test('who has no token, a wrong one, or no permission is refused', async () => {
    const anonymous = await fetch(`${world.server.url}/v2/tools/busybox/manifests/1`);
    assert.equal(anonymous.status, 401);
    assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    assert.match((await push('tools/busybox:1', 'no-token')).stderr, /unauthorized/i);
    await aws.json`iam create-user --user-name puller`;
    const reader = policy({ Effect: 'Allow', Action: ['ecr:GetAuthorizationToken', ...PULL], Resource: '*' });
    await aws.json`iam put-user-policy --user-name puller --policy-name read --policy-document ${reader}`;
    const { AccessKey } = await aws.json<CreateAccessKeyResponse>`iam create-access-key --user-name puller`;
    const token = await password({
      ...world.environment,
      AWS_ACCESS_KEY_ID: AccessKey!.AccessKeyId!,
      AWS_SECRET_ACCESS_KEY: AccessKey!.SecretAccessKey!,
    });
    const inspect = () =>
      skopeo([
        'inspect',
        '--tls-verify=false',
        `--creds=AWS:${token}`,
        '--raw',
        `docker://${host}/tools/busybox:1`,
      ]);
    assert.equal((await inspect()).status, 0);
    assert.match(
      (await push('tools/busybox:2', token)).stderr,
      /user\/puller is not authorized to perform: ecr:\w+ on resource: .*repository\/tools\/busybox/,
    );
    const deny = policy({
      Effect: 'Deny',
      Principal: { AWS: `arn:aws:iam::${account}:user/puller` },
      Action: 'ecr:*',
    });
    await aws.json`ecr set-repository-policy --repository-name tools/busybox --policy-text ${deny}`;
    assert.match((await inspect()).stderr, /with an explicit deny in a resource-based policy/);
    await aws.json`ecr delete-repository-policy --repository-name tools/busybox`;
    assert.match(
      (await push('none:1', await password())).stderr,
      /repository with name 'none' does not exist/,
    );
  });

  test('a run gets its image once role and repository let it; each denial says which of them did not', async () => {
    const workflow = await register(WORKFLOW);
    const start1 = () => start(workflow, { docker: uri('tools/busybox:1') });
    await assert.rejects(start1(), /does not let omics\.amazonaws\.com do ecr:BatchGetImage/);
    await aws.json`ecr set-repository-policy --repository-name tools/busybox --policy-text ${OLDER}`;
    await allow(...ROLE_POLICY);
    await assert.rejects(
      start1(),
      /assumed-role\/Runner\/HealthOmics is not authorized to perform: ecr:BatchGetImage/,
    );
    await allow(...ROLE_POLICY, ROLE_PULL);
    const id = await start1();
    const run = await ended(id);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    const { items } = await aws.json<ListRunTasksResponse>`omics list-run-tasks --id ${id}`;
    const task =
      await aws.json<GetRunTaskResponse>`omics get-run-task --id ${id} --task-id ${items![0]!.taskId}`;
    assert.equal(task.imageDetails?.imageDigest, digest);
  });

  test('in the definition: denial is ECR_PERMISSION_ERROR, and an image that is not there says so', async () => {
    await aws.json`ecr delete-repository-policy --repository-name tools/busybox`;
    const denied = await ended(await start(await register(fixed(uri('tools/busybox:1'))), {}));
    assert.equal(denied.failureReason, 'ECR_PERMISSION_ERROR');
    assert.match(denied.statusMessage!, /HealthOmics doesn't have permission to access the image URI/);
    await aws.json`ecr set-repository-policy --repository-name tools/busybox --policy-text ${policy(OMICS)}`;
    const absent = await ended(await start(await register(fixed(uri('tools/busybox:9'))), {}));
    assert.match(absent.statusMessage!, /[Tt]he repository tools\/busybox has no image 9/);
  });

  test('another account’s run gets it once the repository names that account too, and gets nothing else', async () => {
    const other = await anotherAccount();
    const theirs = awsCommand({ ...world, environment: clientEnvironment(world.server.url, other) });
    await theirs.json`s3api create-bucket --bucket ecr-bucket-of-theirs`;
    const role = await theirs.json<CreateRoleResponse>`
      iam create-role --role-name Runner --assume-role-policy-document ${TRUST}`;
    const may = policy(...ROLE_POLICY, ROLE_PULL);
    await theirs.json`iam put-role-policy --role-name Runner --policy-name runs --policy-document ${may}`;
    const id = await register(WORKFLOW, theirs);
    const parameters = JSON.stringify({ docker: uri('tools/busybox:1') });
    const startTheirs = () =>
      theirs.json<StartRunResponse>`
        omics start-run --workflow-id ${id} --role-arn ${role.Role!.Arn} --parameters ${parameters}
        --output-uri s3://ecr-bucket-of-theirs/out`;
    const get = () =>
      theirs.raw`
        ecr batch-get-image --registry-id ${account} --repository-name tools/busybox --image-ids imageTag=1`;

    const refused = /ecr:BatchGetImage.*because no resource-based policy allows the ecr:BatchGetImage action/;
    await assert.rejects(startTheirs(), refused);
    assert.match((await get()).stderr, refused);
    const both = policy(OMICS, otherAccount(other.accountId));
    await aws.json`ecr set-repository-policy --repository-name tools/busybox --policy-text ${both}`;
    assert.equal((await get()).status, 0);
    const run = await ended((await startTheirs()).id!, theirs);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    const deleting = await theirs.raw`
      ecr batch-delete-image --registry-id ${account} --repository-name tools/busybox --image-ids imageTag=1`;
    assert.match(deleting.stderr, /not authorized to perform: ecr:BatchDeleteImage/);
  });

  async function anotherAccount(): Promise<World['credentials']> {
    const program = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const args = ['--no-warnings', program, 'account', 'create', '--data', world.data];
    const made = await runProgram(process.execPath, args, { PATH: process.env['PATH'] ?? '' });
    assert.equal(made.status, 0, made.stderr);
    return { ...(JSON.parse(made.stdout) as World['credentials']), region: world.credentials.region };
  }

  test('a tag of an immutable repository stays, and what is deleted is gone', async () => {
    await aws.json`ecr create-repository --repository-name fixed --image-tag-mutability IMMUTABLE`;
    const token = await password();
    assert.equal((await push('fixed:1', token)).status, 0);
    await makeBusyboxImage(join(folder, 'other'), 'analyst');
    const again = await skopeo([
      'copy',
      '--dest-tls-verify=false',
      `--dest-creds=AWS:${token}`,
      `oci:${join(folder, 'other/layout')}:made`,
      `docker://${host}/fixed:1`,
    ]);
    assert.match(again.stderr, /cannot be overwritten because the repository is immutable/);
    assert.match(
      (await aws.raw`ecr delete-repository --repository-name fixed`).stderr,
      /RepositoryNotEmptyException/,
    );
    await aws.json`ecr batch-delete-image --repository-name fixed --image-ids imageTag=1`;
    const listed = await aws.json<{ imageIds: object[] }>`ecr list-images --repository-name fixed`;
    assert.deepEqual(listed.imageIds, []);
    await aws.json`ecr delete-repository --repository-name fixed`;
    assert.match(
      (await aws.raw`ecr describe-repositories --repository-names fixed`).stderr,
      /RepositoryNotFoundException/,
    );
  });
});
