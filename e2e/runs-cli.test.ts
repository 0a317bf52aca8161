import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DescribeLogStreamsResponse, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateRunCacheResponse,
  CreateRunGroupResponse,
  CreateWorkflowResponse,
  GetBatchResponse,
  GetRunGroupResponse,
  GetRunResponse,
  GetRunTaskResponse,
  GetWorkflowResponse,
  GetWorkflowVersionResponse,
  ListRunGroupsResponse,
  ListRunsInBatchResponse,
  ListRunsResponse,
  ListRunTasksResponse,
  ListWorkflowsResponse,
  StartRunBatchResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import {
  type AwsCommand,
  awsCli,
  awsCommand,
  finished,
  openWorld,
  runProgram,
  until,
  type World,
} from './world.ts';

// The guide's "Running workflows" with the CLI, and the tools that it names, unmodified.

const TEST_FLOW = `version 1.0
workflow TestFlow {
  input { File input_txt_file Int seconds = 1 }
  call TxtFileCopyTask { input: input_txt_file = input_txt_file, seconds = seconds }
  output { File output_txt_file = TxtFileCopyTask.output_txt_file }
}
task TxtFileCopyTask {
  input { File input_txt_file Int seconds }
  command { cat ~{input_txt_file} > outfile.txt; echo copied; sleep ~{seconds} }
  output { File output_txt_file = "outfile.txt" }
  runtime { cpu: 1 memory: "1 GiB" }
}
`;

/** Members of the guide's answer of get-run ("Starting runs") and of its manifest. */
const GET_RUN =
  'arn id uuid runOutputUri status workflowId workflowType roleArn name digest outputUri startedBy creationTime startTime stopTime tags';
const MANIFEST = {
  run: 'arn creationTime resourceDigests digest engine main name outputUri parameters roleArn startedBy startTime status stopTime storageCapacity uuid workflow workflowType',
  task: 'arn cpus creationTime memory name run startTime status stopTime uuid',
};
const missing = (members: string, document: Readonly<Record<string, unknown>>) =>
  members.split(' ').filter((member) => document[member] === undefined);

/** PyPI's aws-healthomics-tools: `HELICASE_OMICS_TOOLS` names its program where it is not on the path. */
const tools =
  process.env['HELICASE_OMICS_TOOLS'] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'aws-healthomics-tools'))
    .find(existsSync);
const withoutTools = tools ? false : 'aws-healthomics-tools (PyPI) is not on the path';

describe('running workflows with the aws CLI', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let configuration: string;
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  let workflowId: string;
  before(async () => {
    configuration = mkdtempSync(join(tmpdir(), 'helicase-runs-'));
    // An operator's prices: a vCPU hour of 4 cents, a GiB hour of half a cent, two for storage and one by name.
    const prices = {
      perHour: { cpu: 0.04, memoryGiB: 0.005, staticStorageGiB: 0.0002 },
      resources: { 'omics.r.large': 0.2 },
    };
    writeFileSync(join(configuration, 'helicase.json'), JSON.stringify({ prices }));
    world = await openWorld(['--config', join(configuration, 'helicase.json')]);
    aws = awsCommand(world);
    const made = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsWorkflow --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = made.Role!.Arn!;
    await aws.raw`iam put-role-policy --role-name OmicsWorkflow --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket1')}`;
    await aws.json`s3api create-bucket --bucket doc-example-bucket1`;
    writeFileSync(join(world.folder, 'hello_world.txt'), 'hello world\n');
    await aws.raw`s3 cp --no-progress hello_world.txt s3://doc-example-bucket1/hello_world.txt`;
    writeFileSync(
      join(world.folder, 'definition.zip'),
      zipSync({ 'main.wdl': new TextEncoder().encode(TEST_FLOW) }),
    );
    const parameters = { input_txt_file: 's3://doc-example-bucket1/hello_world.txt' };
    writeFileSync(join(world.folder, 'params.json'), JSON.stringify(parameters));
    writeFileSync(join(world.folder, 'long.json'), JSON.stringify({ ...parameters, seconds: 300 }));
    const { id } = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name TestFlow --definition-zip fileb://definition.zip --engine WDL`;
    workflowId = id!;
    await until(
      () => aws.json<GetWorkflowResponse>`omics get-workflow --id ${workflowId}`,
      ({ status }) => status === 'ACTIVE',
    );
  });
  after(async () => {
    await world.close();
    rmSync(configuration, { recursive: true, force: true });
  });

  const toItsEnd = async (id: string | undefined) => {
    const run = await until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    return run;
  };
  const start = (flag = '--log-level', value = 'ALL') =>
    aws.json<StartRunResponse>`
      omics start-run --workflow-id ${workflowId} --role-arn ${roleArn} --name first --retention-mode REMOVE
      --output-uri s3://doc-example-bucket1/out --parameters file://params.json ${flag} ${value}`;
  const tasksOf = async (id: string | undefined) =>
    (await aws.json<ListRunTasksResponse>`omics list-run-tasks --id ${id}`).items!;

  test('Creating and working with run groups: limits as they were given, listed, and deleted when no run is in it', async () => {
    const group = await aws.json<CreateRunGroupResponse>`
      omics create-run-group --name TestRunGroup --max-cpus 20 --max-gpus 10 --max-duration 600`;
    const got = await aws.json<GetRunGroupResponse>`omics get-run-group --id ${group.id}`;
    assert.equal(got.arn, `arn:aws:omics:us-east-1:${world.credentials.accountId}:runGroup/${group.id}`);
    assert.deepEqual([got.maxCpus, got.maxGpus, got.maxDuration, got.tags], [20, 10, 600, {}]);
    const { id } = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${workflowId} --role-arn ${roleArn} --run-group-id ${group.id}
      --output-uri s3://doc-example-bucket1/out --parameters file://long.json`;
    const busy = await aws.raw`omics delete-run-group --id ${group.id}`;
    assert.match(busy.stderr, /ConflictException/);
    assert.equal((await aws.raw`omics cancel-run --id ${id}`).status, 0);
    const run = await until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished);
    assert.deepEqual([run.status, run.runGroupId], ['CANCELLED', group.id]);
    const { items } = await aws.json<ListRunGroupsResponse>`omics list-run-groups`;
    assert.ok(items!.some((listed) => listed.id === group.id));
    assert.equal((await aws.raw`omics delete-run-group --id ${group.id}`).status, 0);
  });

  test('a workflow version is registered, exported and run', async () => {
    await aws.json`omics create-workflow-version --workflow-id ${workflowId} --version-name 2.0
      --definition-zip fileb://definition.zip --engine WDL --readme-markdown Copies`;
    const version = await until(
      () =>
        aws.json<GetWorkflowVersionResponse>`
          omics get-workflow-version --workflow-id ${workflowId} --version-name 2.0 --export DEFINITION README`,
      ({ status }) => status === 'ACTIVE',
    );
    const download = async (url: string | undefined) => Buffer.from(await (await fetch(url!)).arrayBuffer());
    assert.equal((await download(version.readme)).toString(), 'Copies');
    const zip = readFileSync(join(world.folder, 'definition.zip'));
    assert.ok(zip.equals(await download(version.definition)), 'the zip as it was given');
    const run = await toItsEnd((await start('--workflow-version-name', '2.0')).id);
    assert.equal(run.workflowVersionName, '2.0');
    const refused = await fetch(version.definition!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    assert.equal(refused.status, 403);
  });

  test('a rerun takes its tasks from the run cache, and what changed is told', async () => {
    const cache = await aws.json<CreateRunCacheResponse>`omics create-run-cache
      --name cache --cache-s3-location s3://doc-example-bucket1/cache --cache-behavior CACHE_ALWAYS`;
    const run = await toItsEnd((await start('--cache-id', cache.id!)).id);
    const again = await aws.json<StartRunResponse>`omics start-run --run-id ${run.id} --role-arn ${roleArn}
      --output-uri s3://doc-example-bucket1/out`;
    assert.equal((await toItsEnd(again.id)).cacheId, cache.id);
    const [hit] = await tasksOf(again.id);
    assert.equal(hit!.cacheHit, true);
    assert.match(hit!.cacheS3Uri!, new RegExp(`^s3://doc-example-bucket1/cache/${run.id}/`));
    writeFileSync(join(world.folder, 'hello_world.txt'), 'hello again\n');
    await aws.raw`s3 cp --no-progress hello_world.txt s3://doc-example-bucket1/hello_world.txt`;
    const changed = await toItsEnd((await start('--cache-id', cache.id!)).id);
    const [ran] = await tasksOf(changed.id);
    const task = await aws.json<GetRunTaskResponse>`
      omics get-run-task --id ${changed.id} --task-id ${ran!.taskId}`;
    assert.equal(task.cacheHit, false);
    assert.match(task.statusMessage!, /input \S*hello_world\.txt: before etag \w+, now etag \w+/);
    const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const words = [helicase, 'why-not-cached', changed.id!, 'TxtFileCopyTask', '--data', world.data];
    const said = await runProgram(process.execPath, words, world.environment);
    assert.equal(said.stdout.trim(), task.statusMessage, said.stderr);
  });

  test('a batch of runs, from a file of settings', async () => {
    const settings = ['a', 'b', 'c'].map((runSettingId) => ({ runSettingId, name: `run-${runSettingId}` }));
    writeFileSync(join(world.folder, 'settings.json'), JSON.stringify(settings));
    await aws.raw`s3 cp --no-progress settings.json s3://doc-example-bucket1/settings.json`;
    const defaults = {
      workflowId,
      roleArn,
      outputUri: 's3://doc-example-bucket1/out',
      parameters: JSON.parse(readFileSync(join(world.folder, 'params.json'), 'utf8')) as object,
    };
    const batch = await aws.json<StartRunBatchResponse>`omics start-run-batch --batch-name three
      --default-run-setting ${JSON.stringify(defaults)}
      --batch-run-settings s3UriSettings=s3://doc-example-bucket1/settings.json`;
    const done = await until(
      () => aws.json<GetBatchResponse>`omics get-batch --batch-id ${batch.id}`,
      ({ status }) => status === 'PROCESSED',
    );
    assert.equal(done.runSummary!.completedRunCount, 3);
    const { runs } = await aws.json<ListRunsInBatchResponse>`omics list-runs-in-batch --batch-id ${batch.id}`;
    assert.deepEqual(
      runs!.map(({ runSettingId, submissionStatus }) => [runSettingId, submissionStatus]),
      ['a', 'b', 'c'].map((id) => [id, 'SUCCESS']),
    );
  });

  test('Using the CloudWatch Logs: run, engine, task and manifest streams by the guide’s names', async () => {
    const run = await toItsEnd((await start()).id);
    const [task] = await tasksOf(run.id);
    const group = '/aws/omics/WorkflowLog';
    const { logStreams } = await aws.json<DescribeLogStreamsResponse>`
      logs describe-log-streams --log-group-name ${group} --log-stream-name-prefix run/${run.id}`;
    assert.deepEqual(
      logStreams!.map(({ logStreamName }) => logStreamName),
      [`run/${run.id}`, `run/${run.id}/engine`, `run/${run.id}/task/${task!.taskId}`],
    );
    const events = async (name: string) =>
      (
        await aws.json<GetLogEventsResponse>`
          logs get-log-events --log-group-name ${group} --log-stream-name ${name} --start-from-head`
      ).events!.map(({ message }) => message!);
    assert.deepEqual(await events(`run/${run.id}/task/${task!.taskId}`), ['copied']);
    const manifest = await until(
      () => events(`manifest/run/${run.id}/${run.uuid}`),
      (lines) => lines.length === 2,
    );
    const [runDocument, taskDocument] = manifest.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(missing(MANIFEST.run, runDocument!), []);
    assert.deepEqual(missing(MANIFEST.task, taskDocument!), []);
    const arn = `arn:aws:omics:us-east-1:${world.credentials.accountId}`;
    assert.equal(runDocument!['workflow'], `${arn}:workflow/${workflowId}`);
    assert.deepEqual([runDocument!['uuid'], taskDocument!['run']], [run.uuid, `${arn}:run/${run.id}`]);
    const etag = createHash('md5')
      .update(readFileSync(join(world.folder, 'hello_world.txt')))
      .digest('hex');
    assert.deepEqual(runDocument!['resourceDigests'], {
      's3://doc-example-bucket1/hello_world.txt': `etag:${etag}`,
    });
    assert.equal(taskDocument!['instanceType'], 'omics.c.large');
  });

  test('Starting runs: what get-run and list-runs tell; Deleting workflows and runs: what is busy stays', async () => {
    const run = await toItsEnd((await start()).id);
    assert.deepEqual(missing(GET_RUN, { ...run }), []);
    assert.equal(run.runOutputUri, `s3://doc-example-bucket1/out/${run.id}`);
    assert.match(run.digest!, /^sha256:[0-9a-f]{64}$/);
    const copy = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name Sample --definition-zip fileb://definition.zip`;
    await until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${copy.id}`, finished);
    const { id } = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${copy.id} --role-arn ${roleArn}
      --output-uri s3://doc-example-bucket1/out --parameters file://long.json`;
    assert.match((await aws.raw`omics delete-run --id ${id}`).stderr, /ConflictException/);
    assert.equal((await aws.raw`omics delete-workflow --id ${copy.id}`).stdout, '', 'no response');
    assert.match((await aws.raw`omics get-workflow --id ${copy.id}`).stderr, /ResourceNotFoundException/);
    await aws.raw`omics cancel-run --id ${id}`;
    await until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished);
    assert.equal((await aws.raw`omics delete-run --id ${id}`).stdout, '', 'no response');
    const ids = (await aws.json<ListRunsResponse>`omics list-runs`).items!.map((listed) => listed.id);
    assert.deepEqual([ids.includes(run.id), ids.includes(id)], [true, false]);
  });

  test('Ready2Run: there are none, and a run of one says that it is not there', async () => {
    const { items } = await aws.json<ListWorkflowsResponse>`omics list-workflows --type READY2RUN`;
    assert.deepEqual(items, []);
    const refused = await aws.raw`omics start-run --workflow-type READY2RUN --workflow-id ${workflowId}
      --output-uri s3://doc-example-bucket1/out --role-arn ${roleArn} --parameters file://params.json`;
    assert.match(refused.stderr, /ResourceNotFoundException/);
  });

  describe('the official tools', { skip: withoutTools }, () => {
    const tool = async (...words: readonly string[]) => {
      const output = await runProgram(tools!, words, world.environment, world.folder);
      assert.equal(output.status, 0, output.stderr || output.stdout);
      return output.stdout;
    };
    let runId: string;
    before(async () => {
      runId = (await toItsEnd((await start()).id)).id!;
      await until(
        () => aws.json<DescribeLogStreamsResponse>`logs describe-log-streams
          --log-group-name /aws/omics/WorkflowLog --log-stream-name-prefix manifest/run/${runId}/`,
        ({ logStreams }) => logStreams!.length === 1,
      );
    });

    test('rerun starts the run once more, with another name', async () => {
      const printed = await tool('rerun', runId, '--name', 'new test');
      const [, answer] = /StartRun response:\n([^]*)/.exec(printed)!;
      const { id } = JSON.parse(answer!) as StartRunResponse;
      const rerun = await toItsEnd(id);
      assert.equal(rerun.name, 'new test');
      assert.equal(rerun.retentionMode, 'REMOVE');
      assert.equal(rerun.workflowId, workflowId);
    });

    test('run_analyzer reckons a run’s tasks with the operator’s prices', async () => {
      const csv = await tool('run_analyzer', runId);
      const [head, run, task] = csv
        .trim()
        .split('\n')
        .map((line) => line.split(','));
      const column = (row: readonly string[], name: string) => row[head!.indexOf(name)];
      assert.equal(column(run!, 'type'), 'run');
      assert.equal(column(task!, 'omicsInstanceTypeReserved'), 'omics.c.large');
      // At least a minute of two vCPUs at 4 cents and of 4 GiB at half a cent an hour.
      const minute = (2 * 0.04 + 4 * 0.005) / 60;
      assert.ok(Math.abs(Number(column(task!, 'estimatedUSD')) - minute) < minute / 100, csv);
      assert.ok(Number(column(run!, 'estimatedUSD')) > 0, 'its storage');
      assert.ok(Number(column(task!, 'runningSeconds')) >= 1);
    });

    test('run_analyzer draws the timeline', async () => {
      const csv = await tool('run_analyzer', '--timeline', runId);
      const [head, ...tasks] = csv.trim().split('\n');
      assert.equal(head, 'resource,pending,starting,running');
      assert.equal(tasks.length, 1);
      await tool('run_analyzer', '--plot', 'plots', runId);
      assert.ok(existsSync(join(world.folder, 'plots', `${runId}_timeline.html`)));
    });
  });
});
