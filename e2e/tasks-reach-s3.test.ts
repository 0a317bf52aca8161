import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  CreateWorkflowCommand,
  GetRunCommand,
  GetWorkflowCommand,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, until, type World } from './world.ts';

// What a task does here with curl the SDKs do by themselves: keys from the container credentials endpoint, SigV4 to
// the endpoint of S3. Tasks see the host's programs, so curl must be one of /usr.
const skip = existsSync('/usr/bin/curl') ? false : 'curl is not installed in /usr/bin';

const workflow = (serverPort: string) => `version 1.0
workflow Reach { call reach output { Array[String] said = reach.said } }
task reach {
  command <<<
    keys=$(curl -sS "$AWS_CONTAINER_CREDENTIALS_FULL_URI")
    key() { sed -E "s/.*\\"$1\\":\\"([^\\"]*)\\".*/\\1/" <<< "$keys"; }
    status=(-o answer -w '%{http_code}\\n')
    s3() {
      curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:s3" --user "$(key AccessKeyId):$(key SecretAccessKey)" \\
        -H "x-amz-security-token: $(key Token)" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@"
    }
    s3 "$AWS_ENDPOINT_URL_S3/mine/reads.txt"
    echo "by the task" > text
    s3 -T text "$AWS_ENDPOINT_URL_S3/mine/written.txt" "\${status[@]}"
    s3 "$AWS_ENDPOINT_URL_S3/theirs/reads.txt" "\${status[@]}"; grep -o '<Code>[A-Za-z]*' answer
    curl -sS "$AWS_ENDPOINT_URL_S3/mine/reads.txt" "\${status[@]}"
    curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:omics" --user "$(key AccessKeyId):$(key SecretAccessKey)" \\
      -H "x-amz-security-token: $(key Token)" "$AWS_ENDPOINT_URL_S3/run" "\${status[@]}"
    curl -sS --max-time 5 "http://127.0.0.1:${serverPort}/healthz" 2> /dev/null; echo "curl $?"
    echo "$keys"
  >>>
  output { Array[String] said = read_lines(stdout()) }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;

describe('a task that reaches S3 in the name of the run’s role', { skip, timeout: 120_000 }, () => {
  let world: World;
  let clients: Clients;
  let lines: readonly string[];
  const text = async (Bucket: string, Key: string) =>
    (await clients.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

  before(async () => {
    world = await openWorld(['--tasks-reach-s3']);
    clients = awsClients(world.server.url, world.credentials);
    const { omics, s3 } = clients;
    for (const Bucket of ['mine', 'theirs']) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'reads.txt', Body: 'ACGT\n' }));
    }
    const roleArn = await createJobRole(clients.iam, 'Reacher', 'mine');
    const source = new TextEncoder().encode(workflow(new URL(world.server.url).port));
    const definitionZip = zipSync({ 'main.wdl': source });
    const { id: workflowId } = await omics.send(
      new CreateWorkflowCommand({ engine: 'WDL', definitionZip, requestId: 'reach' }),
    );
    await until(
      () => omics.send(new GetWorkflowCommand({ id: workflowId })),
      ({ status }) => status === 'ACTIVE',
    );
    const { id } = await omics.send(
      new StartRunCommand({ workflowId, roleArn, outputUri: 's3://mine/out', requestId: 'reach' }),
    );
    const run = await until(() => omics.send(new GetRunCommand({ id })), finished);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    const outputs = JSON.parse(await text('mine', `out/${id}/logs/outputs.json`)) as Record<string, string[]>;
    lines = outputs['Reach.said']!;
  });
  after(() => world.close());

  test('reads and writes what the role may', async () => {
    assert.deepEqual(lines.slice(0, 2), ['ACGT', '200']);
    assert.equal(await text('mine', 'written.txt'), 'by the task\n');
  });

  test('may nothing else: not another bucket, not without its keys, no other service, not the server itself', () => {
    assert.deepEqual(lines.slice(2, 7), ['403', '<Code>AccessDenied', '403', '403', 'curl 7']);
  });

  test('has keys that are good nowhere else', async () => {
    const keys = JSON.parse(lines[7]!) as Record<'AccessKeyId' | 'SecretAccessKey' | 'Token', string>;
    const credentials = {
      ...{ accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey, sessionToken: keys.Token },
    };
    const options = { endpoint: world.server.url, region: 'us-east-1', credentials, forcePathStyle: true };
    const stolen = new S3Client(options);
    await assert.rejects(stolen.send(new GetObjectCommand({ Bucket: 'mine', Key: 'reads.txt' })), {
      name: 'InvalidAccessKeyId',
    });
  });
});
