import { type IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CancelRunCommand,
  CreateRunGroupCommand,
  CreateWorkflowCommand,
  GetRunCommand,
  GetWorkflowCommand,
  type OmicsClient,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole, JOB_TRUST } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// The lines of the guide's "Error and status messages for run failures" that send the reader to a role's permissions,
// with real roles; the others are in packages/workflows/run/failure-reasons.test.ts.

const READ = `version 1.0
workflow Read {
  input { File? text Int seconds = 0 }
  call work { input: text = text, seconds = seconds }
  output { File written = work.written }
}
task work {
  input { File? text Int seconds }
  command { sleep ~{seconds}; echo read > written.txt }
  output { File written = "written.txt" }
  runtime { cpu: 1 memory: "64 MiB" }
}
`;
const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const bucket = (...Action: readonly string[]) => ({
  Effect: 'Allow',
  Action,
  Resource: ['arn:aws:s3:::reasons', 'arn:aws:s3:::reasons/*'],
});
const LOGS = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };
/** Any principal but HealthOmics' own. */
const OTHER_TRUST = JOB_TRUST.replace('omics.amazonaws.com', 'ec2.amazonaws.com');

describe('a run whose role may not, fails with the guide’s reason', { timeout: 120_000 }, () => {
  let world: World;
  let omics: OmicsClient;
  let iam: IAMClient;
  let roleArn: string;
  let workflowId: string;
  before(async () => {
    world = await openWorld();
    const clients = awsClients(world.server.url, world.credentials);
    ({ omics, iam } = clients);
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'reasons' }));
    await clients.s3.send(new PutObjectCommand({ Bucket: 'reasons', Key: 'in.txt', Body: 'text\n' }));
    roleArn = await createJobRole(iam, 'Runner', 'reasons');
    const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(READ) });
    workflowId = (await omics.send(new CreateWorkflowCommand({ name: 'read', definitionZip }))).id!;
    await until(() => omics.send(new GetWorkflowCommand({ id: workflowId })), finished);
  });
  after(() => world.close());

  /** The role may do this and nothing else. */
  const allow = (...statements: readonly object[]) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: 'Runner',
        PolicyName: 'jobs',
        PolicyDocument: policy(LOGS, ...statements),
      }),
    );
  const trust = (PolicyDocument: string) =>
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Runner', PolicyDocument }));
  const start = async (members: object) => {
    const request = { workflowId, roleArn, outputUri: 's3://reasons/out', ...members };
    return (await omics.send(new StartRunCommand(request))).id!;
  };
  const ended = (id: string) => until(() => omics.send(new GetRunCommand({ id })), finished);
  const failure = async (id: string) => {
    const { failureReason, status, statusMessage } = await ended(id);
    assert.equal(status, 'FAILED', statusMessage);
    return `${failureReason}: ${statusMessage}`;
  };

  test('INVALID_S3_INPUT: "confirm that the role can access the object"', async () => {
    await allow(bucket('s3:PutObject', 's3:ListBucket'));
    assert.match(
      await failure(await start({ parameters: { text: 's3://reasons/in.txt' } })),
      /^INVALID_S3_INPUT: .*s3:\/\/reasons\/in\.txt .*not authorized to perform: s3:GetObject/,
    );
  });

  test('INVALID_OMICS_STORAGE_INPUT: "confirm that the role can access the read set"', async () => {
    await allow(bucket('s3:GetObject', 's3:PutObject', 's3:ListBucket'));
    const text = `omics://${world.credentials.accountId}.storage.us-east-1.amazonaws.com/1234567890/readSet/1234567890`;
    assert.match(
      await failure(await start({ parameters: { text } })),
      /^INVALID_OMICS_STORAGE_INPUT: .*omics:\/\/.* .*not authorized to perform: omics:GetReadSet/,
    );
  });

  test('EXPORT_FAILED: "check that the run role has write permission to the bucket"', async () => {
    await allow(bucket('s3:GetObject', 's3:ListBucket'));
    assert.match(
      await failure(await start({})),
      /^EXPORT_FAILED: .*not authorized to perform: s3:PutObject.* the run role has write permission to the bucket/,
    );
  });

  test('ASSUME_ROLE_FAILED: the trust relationship lost HealthOmics while the run waited', async () => {
    await allow(bucket('s3:GetObject', 's3:PutObject', 's3:ListBucket'));
    const { id: runGroupId } = await omics.send(new CreateRunGroupCommand({ name: 'one', maxRuns: 1 }));
    const first = await start({ runGroupId, parameters: { seconds: 600 } });
    await until(
      () => omics.send(new GetRunCommand({ id: first })),
      ({ status }) => status === 'RUNNING',
    );
    const second = await start({ runGroupId });
    await trust(OTHER_TRUST);
    try {
      await assert.rejects(start({}), { name: 'AccessDeniedException', message: /trust policy/ });
      await omics.send(new CancelRunCommand({ id: first }));
      assert.match(await failure(second), /^ASSUME_ROLE_FAILED: The role .*role\/Runner cannot be assumed/);
    } finally {
      await trust(JOB_TRUST);
    }
  });
});
