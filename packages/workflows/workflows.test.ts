import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetRunTaskResponse,
  GetWorkflowResponse,
  ListRunsResponse,
  ListRunTasksResponse,
  ListWorkflowsResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '@helicase/records';
import { zipSync } from 'fflate';
import { owner, ROLE, temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

const text = (content: string) => new TextEncoder().encode(content);

// The guide's first workflow ("The following is a basic example that demonstrates a workflow that reads the contents
// of an INPUT file and writes them into a RESULT file").
const TEST_FLOW = `version 1.0
workflow TestFlow {
  input {
    File input_txt_file
  }
  #copies input file data to output.
  call TxtFileCopyTask{
    input:
      input_txt_file = input_txt_file,
  }
  output {
    File output_txt_file = TxtFileCopyTask.output_txt_file
  }
}
#Task Definitions
task TxtFileCopyTask {
  input {
    File input_txt_file
  }
  command {
    cat ~{input_txt_file} > outfile.txt
    echo copied >&2
  }
  output {
    File output_txt_file = "outfile.txt"
  }
}
`;

const SLEEP = `version 1.0
workflow Sleep { call nap }
task nap { command { echo started; sleep 314 } }
`;

const FAIL = `version 1.0
workflow Fail { call broken }
task broken { command { echo "no such gene" >&2; exit 3 } }
`;

/** Of a run's metrics in its manifest. */
interface Storage {
  readonly storageMaximumGiB?: number;
  readonly storageReservedGiB?: number;
}

for (const { dialect, skip } of dialectsUnderTest())
  describe(`workflows and runs on ${dialect}`, { timeout: 120_000, skip }, () => {
    let folder: string;
    let room: TestRoom;
    let base: TestRecords | undefined;

    before(async () => {
      folder = await temporaryFolder();
      if (dialect === 'postgres') base = await openTestRecords({ dialect });
      const database = base ? { database: base.database } : {};
      room = await openTestRoom({ folder, owner: `workflows-test-${process.pid}-${dialect}`, ...database });
      await room.objects.makeBucket('bucket');
      await room.objects.put(owner, 's3://bucket/hello_world.txt', text('hello world\n'));
    });
    after(async () => {
      await room.close();
      await base?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const until = async <T extends { status?: string }>(
      get: () => Promise<T>,
      done: (answer: T) => boolean,
    ): Promise<T> => {
      for (let waited = 0; waited < 30_000; waited += 20) {
        const answer = await get();
        if (done(answer)) return answer;
        await delay(20);
      }
      throw new Error(`still ${JSON.stringify(await get())}`);
    };
    const register = async (
      files: Record<string, string>,
      members: object = {},
    ): Promise<GetWorkflowResponse> => {
      const definitionZip = zipSync(
        Object.fromEntries(Object.entries(files).map(([name, content]) => [name, text(content)])),
      );
      const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', {
        name: 'w',
        engine: 'WDL',
        definitionZip,
        requestId: 'r',
        ...members,
      });
      return until(
        () => room.call<GetWorkflowResponse>('GetWorkflow', { id }),
        ({ status }) => status !== 'CREATING',
      );
    };
    const start = (workflowId: string | undefined, members: object = {}) =>
      room.call<StartRunResponse>('StartRun', {
        workflowId,
        roleArn: ROLE,
        outputUri: 's3://bucket/out/',
        requestId: 'r',
        ...members,
      });
    const getRun = (id: string | undefined) => room.call<GetRunResponse>('GetRun', { id });
    const finished = (id: string | undefined) =>
      until(
        () => getRun(id),
        ({ status }) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status!),
      );
    const tasksOf = async (id: string | undefined) =>
      (await room.call<ListRunTasksResponse>('ListRunTasks', { id })).items!;

    test('the guide’s tutorial: a template with strange names is accepted with a message, and the run copies its file', async () => {
      const workflow = await register(
        { 'main.wdl': TEST_FLOW },
        {
          parameterTemplate: {
            image: { description: 'Optional ECR image', optional: true },
            file: { description: 'Required input file' },
          },
        },
      );
      assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
      assert.match(workflow.statusMessage!, /names image, file, which the workflow does not declare/);
      assert.equal(workflow.main, 'main.wdl');
      const run = await start(workflow.id, {
        parameters: { input_txt_file: 's3://bucket/hello_world.txt' },
        name: 'first',
      });
      assert.equal(run.status, 'PENDING');
      assert.equal(run.runOutputUri, `s3://bucket/out/${run.id}`);
      const done = await finished(run.id);
      assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
      assert.equal(done.name, 'first');
      assert.equal(
        done.resourceDigests!['s3://bucket/hello_world.txt'],
        'etag:6f5902ac237024bdd0c176cb93063dc4',
      ); // md5sum
      assert.ok(done.startTime! <= done.stopTime!);
      const out = await readFile(
        join(folder, 'buckets/bucket/out', run.id!, 'out/output_txt_file/outfile.txt'),
        'utf8',
      );
      assert.equal(out, 'hello world\n');
      const outputs = await readFile(
        join(folder, 'buckets/bucket/out', run.id!, 'logs/outputs.json'),
        'utf8',
      );
      assert.deepEqual(JSON.parse(outputs), {
        'TestFlow.output_txt_file': `s3://bucket/out/${run.id}/out/output_txt_file/outfile.txt`,
      });
      const [task] = await tasksOf(run.id);
      assert.equal(task!.status, 'COMPLETED');
      const detail = await room.call<GetRunTaskResponse>('GetRunTask', { id: run.id, taskId: task!.taskId });
      assert.match(detail.logStream!, new RegExp(`:log-stream:run/${run.id}/task/${task!.taskId}$`));
      assert.deepEqual(room.logs.streams.get(`run/${run.id}/task/${task!.taskId}`), ['copied']);
      assert.ok(room.logs.streams.get(`run/${run.id}/engine`)!.length > 0);
      const manifest = room.logs.streams
        .get(`manifest/run/${run.id}/${run.uuid}`)!
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        manifest.map(({ arn, status }) => [arn, status]),
        [
          [run.arn, 'COMPLETED'],
          [`arn:aws:omics:us-east-1:111122223333:task/${task!.taskId}`, 'COMPLETED'],
        ],
      );
      for (let waited = 0; waited < 5_000 && readdirSync(join(folder, 'runs')).length > 0; waited += 20)
        await delay(20);
      assert.deepEqual(readdirSync(join(folder, 'runs')), [], 'the scratch is gone');
    });

    test('a definition comes by S3 URI too, and its template is derived from the source', async () => {
      await room.objects.put(owner, 's3://bucket/definition.zip', zipSync({ 'main.wdl': text(TEST_FLOW) }));
      const members = { definitionZip: undefined, definitionUri: 's3://bucket/definition.zip' };
      const workflow = await register({}, members);
      assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
      assert.equal(workflow.parameterTemplate!['input_txt_file']!.optional, false);
      const missing = await register({}, { ...members, definitionUri: 's3://bucket/none.zip' });
      assert.equal(missing.status, 'FAILED');
      assert.match(missing.statusMessage!, /definitionUri s3:\/\/bucket\/none\.zip cannot be read/);
      const owned = (workflowBucketOwnerId: string) => register({}, { ...members, workflowBucketOwnerId });
      assert.equal((await owned(owner.scope.account)).status, 'ACTIVE');
      await assert.rejects(owned('444455556666'), {
        code: 'ValidationException',
        message: /s3:\/\/bucket\/definition\.zip does not belong to the expected account 444455556666/,
      });
    });

    test('a type error is told with file, line and column', async () => {
      const workflow = await register({
        'main.wdl': 'version 1.0\nworkflow Wrong {\n  Int number = [1, 2]\n}\n',
      });
      assert.equal(workflow.status, 'FAILED');
      assert.match(workflow.statusMessage!, /^main\.wdl:3:\d+: /);
      await assert.rejects(start(workflow.id), { code: 'ValidationException', message: /is FAILED/ });
    });

    test('a zip that leads out of its folder, or with several definitions, fails the workflow', async () => {
      const evil = await register({ '../evil.wdl': TEST_FLOW });
      assert.equal(evil.status, 'FAILED');
      assert.match(evil.statusMessage!, /\.\.\/evil\.wdl/);
      const several = await register({ 'a.wdl': TEST_FLOW, 'b.wdl': TEST_FLOW });
      assert.match(several.statusMessage!, /Zip file contains multiple workflow definition files/);
    });

    test('StartRun tells everything that is wrong with the parameters at once', async () => {
      const { id } = await register({ 'main.wdl': TEST_FLOW });
      await assert.rejects(start(id, { parameters: { one: 1, two: 2 } }), {
        code: 'ValidationException',
        message:
          /required parameter "input_txt_file" \(File\) is missing; "one" is not a parameter.*; "two" is not a parameter/,
      });
      await assert.rejects(start(id, { parameters: { input_txt_file: 7, two: 2 } }), {
        message: /"two" is not a parameter.*; input_txt_file must be File, not the number 7\./,
      });
      const parameters = { input_txt_file: 's3://bucket/hello_world.txt' };
      await assert.rejects(
        start(id, { parameters, roleArn: 'arn:aws:iam::111122223333:role/None' }),
        /does not exist/,
      );
      await assert.rejects(
        start(id, { parameters, outputUri: '/tmp' }),
        /outputUri "\/tmp" is not an S3 URI/,
      );
      await assert.rejects(
        start(id, { parameters: { input_txt_file: 'x'.repeat(100_001) } }),
        /100022 bytes as JSON; at most 100000/,
      );
      await assert.rejects(start('123456789012345678'), { code: 'ResourceNotFoundException' });
    });

    test('an input that is not there fails the run with the guide’s reason', async () => {
      const { id } = await register({ 'main.wdl': TEST_FLOW });
      const cases = [
        ['s3://bucket/none.txt', 'INVALID_S3_INPUT'],
        ['https://example.org/x', 'INVALID_URI_INPUT'],
        [
          'omics://111122223333.storage.us-east-1.amazonaws.com/1234567890/readSet/1234567890',
          'INVALID_OMICS_STORAGE_INPUT',
        ],
      ];
      for (const [uri, reason] of cases.slice(0, 2)) {
        const run = await finished((await start(id, { parameters: { input_txt_file: uri } })).id);
        assert.equal(run.status, 'FAILED');
        assert.equal(run.failureReason, reason);
        assert.match(run.statusMessage!, new RegExp(uri!.replaceAll('.', '\\.')));
      }
    });

    test('a failed task fails the run, and its last words are in the message', async () => {
      const { id } = await register({ 'main.wdl': FAIL });
      const run = await finished((await start(id)).id);
      assert.equal(run.status, 'FAILED');
      assert.equal(run.failureReason, 'RUN_TASK_FAILED');
      assert.match(run.statusMessage!, /no such gene/);
      const [task] = await tasksOf(run.id);
      assert.equal(task!.status, 'FAILED');
      assert.deepEqual(room.logs.streams.get(`run/${run.id}/task/${task!.taskId}`), ['no such gene']);
      await room.call('DeleteRun', { id: run.id });
      await assert.rejects(getRun(run.id), { code: 'ResourceNotFoundException' });
    });

    // "If dynamic, after the run has completed, this value is the maximum amount of storage used during the run."
    test('a run with DYNAMIC storage tells at its end what it used, one with STATIC what it has', async () => {
      const { id } = await register({ 'main.wdl': FAIL.replace('echo', 'fallocate -l 5M held; echo') });
      const storage = async (storageType: string) => {
        const run = await finished((await start(id, { storageType })).id);
        const stream = `manifest/run/${run.id}/${run.uuid}`;
        for (let waited = 0; !room.logs.streams.has(stream) && waited < 30_000; waited += 20) await delay(20);
        const { metrics } = JSON.parse(room.logs.streams.get(stream)![0]!) as { metrics: Storage };
        return [run.storageCapacity, metrics] as const;
      };
      const [used, { storageMaximumGiB }] = await storage('DYNAMIC');
      assert.equal(used, 1);
      assert.ok(storageMaximumGiB! >= 5 / 1024 && storageMaximumGiB! < 6 / 1024, String(storageMaximumGiB));
      const [capacity, { storageReservedGiB }] = await storage('STATIC');
      assert.deepEqual([capacity, storageReservedGiB], [1200, 1200]);
    });

    test('CancelRun kills a working run’s task', async () => {
      const { id } = await register({ 'main.wdl': SLEEP });
      const run = await start(id);
      await until(
        async () => (await tasksOf(run.id))[0] ?? {},
        ({ status }) => status === 'RUNNING',
      );
      await until(
        async () => ({
          status: room.logs.streams.has(`run/${run.id}/task/${(await tasksOf(run.id))[0]!.taskId}`)
            ? 'y'
            : 'n',
        }),
        ({ status }) => status === 'y',
      );
      await assert.rejects(room.call('DeleteRun', { id: run.id }), { code: 'ConflictException' });
      await room.call('CancelRun', { id: run.id });
      assert.match((await getRun(run.id)).status!, /STOPPING|CANCELLED/);
      const cancelled = await finished(run.id);
      assert.equal(cancelled.status, 'CANCELLED');
      assert.equal((await tasksOf(run.id))[0]!.status, 'CANCELLED');
      assert.ok(!isRunning('sleep 314'), 'the process is gone');
      await assert.rejects(room.call('CancelRun', { id: run.id }), { code: 'ConflictException' });
    });

    test('a task’s link to a file of the host is no output, and no input of another task', async () => {
      const { id } = await register({
        'main.wdl': `version 1.0
workflow Steal { call link call read { input: stolen = link.out } output { String text = read.text } }
task link { command { ln -s /etc/hostname out.txt } output { File out = "out.txt" } }
task read { input { File stolen } command { cat ~{stolen} } output { String text = read_string(stdout()) } }
`,
      });
      const run = await finished((await start(id)).id);
      assert.equal(run.status, 'FAILED');
      const hostname = readFileSync('/etc/hostname', 'utf8').trim();
      for (const lines of room.logs.streams.values()) assert.ok(!lines.includes(hostname));
    });

    test('an engine that is killed is replaced, and the new one goes on from the record', async () => {
      const { id } = await register({
        'main.wdl': `version 1.0
workflow Two { call first call second { input: text = first.text } output { File text = second.both } }
task first { command { sleep 0.1; echo one > text.txt } output { File text = "text.txt" } }
task second { input { File text } command { sleep 1; cat ~{text} > text.txt; echo two >> text.txt } output { File both = "text.txt" } }
`,
      });
      const run = await start(id);
      const second = async () => (await tasksOf(run.id)).find(({ name }) => name!.includes('second')) ?? {};
      await until(second, ({ status }) => status === 'RUNNING');
      for (const engine of enginesOf(process.pid)) process.kill(engine, 'SIGKILL');
      const done = await finished(run.id);
      assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
      const out = join(folder, 'buckets/bucket/out', run.id!, 'out/text/text.txt');
      assert.equal(await readFile(out, 'utf8'), 'one\ntwo\n');
      assert.equal((await tasksOf(run.id)).length, 2);
    });

    test('lists page through workflows and runs, newest run first', async () => {
      const { id } = await register({ 'main.wdl': FAIL }, { name: 'listed' });
      const named = await room.call<ListWorkflowsResponse>('ListWorkflows', { name: 'listed' });
      assert.deepEqual(
        named.items!.map((item) => item.id),
        [id],
      );
      const runs = [];
      for (const name of ['a', 'b', 'c']) runs.push((await start(id, { name: `list-${name}` })).id);
      const first = await room.call<ListRunsResponse>('ListRuns', { maxResults: 2 });
      assert.deepEqual(
        first.items!.map((item) => item.id),
        [runs[2], runs[1]],
      );
      const second = await room.call<ListRunsResponse>('ListRuns', {
        maxResults: 2,
        startingToken: first.nextToken,
      });
      assert.equal(second.items![0]!.id, runs[0]);
      for (const run of runs) await finished(run);
    });

    test('a deleted workflow is gone, and a run of it that goes on still ends', async () => {
      const { id } = await register({ 'main.wdl': TEST_FLOW });
      const run = await start(id, { parameters: { input_txt_file: 's3://bucket/hello_world.txt' } });
      await room.call('DeleteWorkflow', { id });
      await assert.rejects(room.call('GetWorkflow', { id }), { code: 'ResourceNotFoundException' });
      assert.equal((await finished(run.id)).status, 'COMPLETED');
    });

    test('a run group with unfinished runs is not deleted', async () => {
      const { id: group } = await room.call<{ id: string }>('CreateRunGroup', {
        name: 'g',
        maxCpus: 20,
        maxDuration: 600,
        requestId: 'r',
      });
      const { id } = await register({ 'main.wdl': SLEEP });
      await assert.rejects(start(id, { runGroupId: '1' }), { code: 'ResourceNotFoundException' });
      const run = await start(id, { runGroupId: group });
      await assert.rejects(room.call('DeleteRunGroup', { id: group }), { code: 'ConflictException' });
      await room.call('CancelRun', { id: run.id });
      await finished(run.id);
      await room.call('DeleteRunGroup', { id: group });
    });
  });

/** Engine processes that this process started. */
function enginesOf(parent: number): readonly number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes
    .filter((name) => parentOf(name) === parent && /engine\/main\.ts/.test(commandLineOf(name)))
    .map(Number);
}

function parentOf(processId: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${processId}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** Whether any process of this machine has this command line. */
function isRunning(commandLine: string): boolean {
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && commandLineOf(name) === commandLine);
}

function commandLineOf(processId: string): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'utf8').split('\0').filter(Boolean).join(' ');
  } catch {
    return ''; // it has ended meanwhile
  }
}
