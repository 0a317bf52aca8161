import {
  CancelRunCommand,
  CreateConfigurationCommand,
  CreateWorkflowCommand,
  GetRunCommand,
  GetRunTaskCommand,
  GetWorkflowCommand,
  ListRunTasksCommand,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import {
  makeTestNetwork,
  type TestNetwork,
  withoutNamespaces,
} from '../packages/runtime/testing/network-namespace.ts';
import { finished, openWorld, until, type World } from './world.ts';

// Whatever a workflow does, it does to itself: its run ends with the reason, and the server goes on. What a task may
// see and take is shown piece by piece in packages/runtime; here all of it through a whole server.

const ACCOUNT = '111122223333';

const TASK = `version 1.0
workflow Hostile {
  input { String script File reads }
  call work { input: script = script, reads = reads }
  output { String said = work.said }
}
task work {
  input { String script File reads }
  command <<<
    reads=~{reads}
    ~{script}
  >>>
  output { String said = read_string(stdout()) }
  runtime { cpu: 0.5 memory: "256 MiB" disks: "64 MiB" }
}
`;

/** Doubled thirty times, a word of ten letters has 10 GB. */
const LONG_STRING = `version 1.0
workflow Long {
  String s0 = "ten letters"
${Array.from({ length: 30 }, (_, n) => `  String s${n + 1} = s${n} + s${n}`).join('\n')}
  output { String s = s30 }
}
`;

const ENDLESS = `cwlVersion: v1.2
class: ExpressionTool
requirements: { InlineJavascriptRequirement: {} }
inputs: []
outputs: { never: string }
expression: "\${ while (true) {} }"
`;

describe('hostile workflows on a whole server', { timeout: 120_000 }, () => {
  let world: World;
  let clients: Clients;
  let roleArn: string;
  let tasks: string;
  let configuration: string;
  let network: TestNetwork | undefined;

  before(async () => {
    // An operator's network for runs that ask for one.
    network = withoutNamespaces === false ? await makeTestNetwork() : undefined;
    configuration = mkdtempSync(join(tmpdir(), 'helicase-hostile-'));
    const subnets = { 'subnet-0a1b2c': { account: ACCOUNT, networkNamespace: network?.path ?? '/none' } };
    writeFileSync(join(configuration, 'helicase.json'), JSON.stringify({ accountId: ACCOUNT, subnets }));
    world = await openWorld(['--config', join(configuration, 'helicase.json')]);
    clients = awsClients(world.server.url, world.credentials);
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'lab' }));
    await clients.s3.send(new PutObjectCommand({ Bucket: 'lab', Key: 'reads.txt', Body: 'ACGT\n' }));
    roleArn = await createJobRole(clients.iam, 'Runner', 'lab');
    tasks = await register('main.wdl', TASK);
  });
  after(async () => {
    await world.close();
    await network?.close();
    rmSync(configuration, { recursive: true, force: true });
  });

  async function register(main: string, source: string): Promise<string> {
    const definitionZip = zipSync({ [main]: new TextEncoder().encode(source) });
    const { id } = await clients.omics.send(new CreateWorkflowCommand({ name: main, definitionZip }));
    const workflow = await until(() => clients.omics.send(new GetWorkflowCommand({ id })), finished);
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    return id!;
  }
  async function start(workflowId: string, parameters = {}, members = {}): Promise<string> {
    const request = { workflowId, roleArn, outputUri: 's3://lab/out', parameters, ...members };
    return (await clients.omics.send(new StartRunCommand(request))).id!;
  }
  const startTask = (script: string, members = {}) =>
    start(tasks, { script, reads: 's3://lab/reads.txt' }, members);
  const describeRun = (id: string) => clients.omics.send(new GetRunCommand({ id }));
  const hasBegun = (id: string) =>
    until(
      () => describeRun(id),
      ({ status }) => status !== 'PENDING' && status !== 'STARTING',
    );
  const ended = (id: string) => until(() => describeRun(id), finished);
  const failure = async (id: string) => {
    const { status, failureReason, statusMessage } = await ended(id);
    assert.equal(status, 'FAILED', statusMessage);
    return `${failureReason}: ${statusMessage}`;
  };
  const onlyTask = async (id: string) => {
    const { items } = await clients.omics.send(new ListRunTasksCommand({ id }));
    return clients.omics.send(new GetRunTaskCommand({ id, taskId: items![0]!.taskId }));
  };

  test('a task that reads /etc/shadow finds none', async () => {
    const id = await startTask('cat /etc/shadow');
    assert.match(
      await failure(id),
      /^RUN_TASK_FAILED: Task Hostile\.work failed with exit code 1\..*\/etc\/shadow: No such file or directory/s,
    );
    assert.equal((await onlyTask(id)).status, 'FAILED');
  });

  test('a task that opens a socket reaches neither the network nor the server it runs under', async () => {
    const { port } = new URL(world.server.url);
    const id = await startTask(`${connect('192.0.2.1/80')}; ${connect(`127.0.0.1/${port}`)}; exit 9`);
    assert.match(
      await failure(id),
      /^RUN_TASK_FAILED: .*exit code 9\..*Network is unreachable\nConnection refused/s,
    );
  });

  test('with networkingMode VPC it reaches what the operator put there, and still no server', async (t) => {
    const runConfigurations = { vpcConfig: { securityGroupIds: ['sg-1a2b'], subnetIds: ['subnet-0a1b2c'] } };
    await clients.omics.send(new CreateConfigurationCommand({ name: 'lab', runConfigurations }));
    const vpc = { networkingMode: 'VPC', configurationName: 'lab' };
    await assert.rejects(startTask('true', { networkingMode: 'VPC' }), { name: 'ValidationException' });
    if (!network) return t.skip(withoutNamespaces || 'there is a network');
    const { port } = new URL(world.server.url);
    const lab = `exec 3<>/dev/tcp/127.0.0.1/${network.port}; tail -n 1 <&3 >&2`;
    const id = await startTask(`${lab}; ${connect(`127.0.0.1/${port}`)}; exit 9`, vpc);
    assert.match(await failure(id), /exit code 9\..*from the lab\nConnection refused/s);
    const { networkingMode, vpcConfig } = await describeRun(id);
    assert.deepEqual({ networkingMode, vpcConfig }, { networkingMode: 'VPC', ...runConfigurations });
  });

  test('a task that writes to its inputs is refused by the file system, and the object is as it was', async () => {
    const id = await startTask('set -e; ls -l "$reads" >&2; rm -f "$reads" || true; echo TTTT > "$reads"');
    assert.match(await failure(id), /^RUN_TASK_FAILED: .*reads\.txt: Read-only file system/s);
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: 'lab', Key: 'reads.txt' }));
    assert.equal(await Body!.transformToString(), 'ACGT\n');
  });

  test('a task that fills its disk is ended at what it asked for', async () => {
    const id = await startTask('fallocate -l 60M one; fallocate -l 60M two; sleep 60');
    assert.match(await failure(id), /^RUN_TASK_FAILED: .*its limit is 64 MiB\. Ask for more disk\./s);
  });

  test('a text of 10 GB is the workflow’s own fault, told with its line', async () => {
    assert.match(
      await failure(await start(await register('long.wdl', LONG_STRING))),
      /^WORKFLOW_RUN_FAILED: .*long\.wdl:28:16: .*a String has 268435456 at most/s,
    );
  });

  test('a task that ignores SIGTERM and an endless expression are gone after CancelRun', async () => {
    const ids = await Promise.all([
      startTask(`trap '' TERM HUP INT; setsid sleep 618.25 & while :; do :; done`),
      start(await register('endless.cwl', ENDLESS)),
    ]);
    for (const id of ids) await hasBegun(id);
    await until(
      () => Promise.resolve(commandLines()),
      (lines) => lines.some((line) => line.startsWith('sleep 618.25')),
    );
    for (const id of ids) await clients.omics.send(new CancelRunCommand({ id }));
    for (const id of ids) assert.equal((await ended(id)).status, 'CANCELLED');
    assert.equal((await onlyTask(ids[0]!)).status, 'CANCELLED');
    assert.ok(!commandLines().some((line) => line.includes('618.25')));
  });

  test('a fork bomb goes off within its limits: the server answers, and nothing of it is left', async () => {
    const id = await startTask('sleep 618.75 & bomb() { bomb | bomb & }; bomb; wait');
    await hasBegun(id);
    await delay(1000); // it goes off
    assert.equal((await fetch(`${world.server.url}/healthz`)).status, 200);
    // Where it met its memory's limit before that of its processes, it has ended by itself.
    await clients.omics.send(new CancelRunCommand({ id })).catch((error: unknown) => {
      assert.equal((error as Error).name, 'ConflictException');
    });
    const { failureReason, status } = await ended(id);
    assert.ok(
      status === 'CANCELLED' || /^(OUT_OF_MEMORY_ERROR|RUN_TASK_FAILED)$/.test(failureReason!),
      status,
    );
    assert.ok(!commandLines().some((line) => /618\.75|bomb/.test(line)));
  });

  test('after all of them the server is well, and an honest run completes', async () => {
    assert.equal((await fetch(`${world.server.url}/healthz`)).status, 200);
    assert.equal(world.server.process.exitCode, null);
    const id = await startTask('cat "$reads"');
    const run = await ended(id);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
  });
});

/** Tells on the error stream why it could not. */
const connect = (address: string) => `(exec 3<>/dev/tcp/${address}) 2>&1 | grep -o 'Net.*\\|Conn.*' >&2`;

/** Of every process of this machine. */
function commandLines(): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it has just ended
    }
  });
}
