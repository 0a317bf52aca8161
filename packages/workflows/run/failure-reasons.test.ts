import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { GetRunTaskResponse, ListRunTasksResponse, StartRunResponse } from '@aws-sdk/client-omics';
import { type Roles, ServiceError } from '@helicase/kernel';
import { hostCapacity } from '@helicase/runtime';
import type { OmicsFiles } from '../ports.ts';
import { ended, register, until } from '../testing-runs.ts';
import { oneRole, owner, ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';

// The guide's table "Error and status messages for run failures", line by line: each reason from its own cause. A line
// that tells of a role's or a repository's permissions is seen once more with real ones: e2e/run-failure-reasons.test.ts
// (INVALID_S3_INPUT, INVALID_OMICS_STORAGE_INPUT, EXPORT_FAILED, ASSUME_ROLE_FAILED), e2e/ecr-cli.test.ts
// (ECR_PERMISSION_ERROR); a read set that is really archived, in e2e/storage-cli.test.ts.

const one = (command: string, runtime = '') => `version 1.0
workflow One { call work }
task work { command { ${command} } runtime { cpu: 1 memory: "64 MiB" ${runtime} } }
`;
const READ = `version 1.0
workflow Read { input { File text } call work { input: text = text } }
task work { input { File text } command { cat ~{text} } runtime { cpu: 1 memory: "64 MiB" } }
`;
/** The second task fetches its input when the first has ended. */
const LATER = `version 1.0
workflow Later { input { File text } call wait call work { input: text = text, after_that = wait.done } }
task wait { command { sleep 1.5; echo now } output { String done = read_string(stdout()) } }
task work { input { File text String after_that } command { cat ~{text} # ~{after_that} } }
`;
const STORE = 'omics://111122223333.storage.us-east-1.amazonaws.com/1234567890/readSet/';

/** A store with an archived read set, one that is too large for any storage, and nothing else. */
const omicsFiles: OmicsFiles = {
  async head(_, uri) {
    if (uri.endsWith('/1'))
      throw new ServiceError('notActive', 'ConflictException', 409, 'Read set 1 is ARCHIVED.');
    if (uri.endsWith('/2')) return { name: 'b.bam', size: 1201 * 1024 ** 3 };
    throw new ServiceError('none', 'ResourceNotFoundException', 404, `There is no read set at ${uri}.`);
  },
  materialize: () => Promise.reject(new Error('nothing is read')),
};

describe('a run fails with the reason of its cause', { timeout: 180_000 }, () => {
  let folder: string;
  let room: TestRoom;
  /** How often the role can be assumed yet. */
  let assumptions = Infinity;
  const roles: Roles = {
    assume: (scope, arn) =>
      oneRole.assume(scope, assumptions-- > 0 ? arn : 'arn:aws:iam::111122223333:role/Gone'),
  };
  before(async () => {
    folder = await temporaryFolder();
    const capacity = { ...hostCapacity(), gpus: [] };
    room = await openTestRoom({
      ...{ folder, owner: `reasons-test-${process.pid}`, omicsFiles, roles, capacity },
      timing: { backOff: 10, poll: 25 },
    });
    await room.objects.makeBucket('bucket');
    await room.objects.put(owner, 's3://bucket/in.txt', Buffer.from('text\n'));
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (source: string, members: object = {}) => {
    const { id: workflowId, status, statusMessage } = await register(room, { 'main.wdl': source });
    assert.equal(status, 'ACTIVE', statusMessage);
    const request = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', ...members };
    return (await room.call<StartRunResponse>('StartRun', request)).id!;
  };
  const failure = async (id: string) => {
    const { failureReason, status, statusMessage } = await ended(room, id);
    assert.equal(status, 'FAILED', statusMessage);
    return `${failureReason}: ${statusMessage}`;
  };
  const failureOf = async (source: string, members: object = {}) => failure(await start(source, members));
  const reading = (uri: string) => failureOf(READ, { parameters: { text: uri } });
  const running = (id: string) =>
    until(
      () => room.call<ListRunTasksResponse>('ListRunTasks', { id }),
      ({ items }) => items![0]?.status === 'RUNNING',
    );

  test('INVALID_URI_INPUT', async () => {
    assert.match(await reading('https://example.org/x'), /^INVALID_URI_INPUT: .*https:\/\/example\.org\/x/);
  });

  test('INVALID_S3_INPUT', async () => {
    assert.match(
      await reading('s3://bucket/none.txt'),
      /^INVALID_S3_INPUT: Parameter "text": The URI does not exist: s3:\/\/bucket\/none\.txt/,
    );
  });

  test('INVALID_OMICS_STORAGE_INPUT', async () => {
    assert.match(
      await reading(`${STORE}9`),
      /^INVALID_OMICS_STORAGE_INPUT: .*URI does not exist: omics:\/\/.*\/9/,
    );
  });

  test('INACTIVE_OMICS_STORAGE_RESOURCE', async () => {
    assert.match(await reading(`${STORE}1`), /^INACTIVE_OMICS_STORAGE_RESOURCE: .*not in ACTIVE state/);
  });

  test('UNSUPPORTED_INPUT_SIZE: more than the run’s static storage holds', async () => {
    assert.match(
      await reading(`${STORE}2`),
      /^UNSUPPORTED_INPUT_SIZE: .*1289563930624 bytes for a storage capacity of 1200 GiB/,
    );
  });

  test('MODIFIED_INPUT_RESOURCE', async () => {
    await room.objects.put(owner, 's3://bucket/later.txt', Buffer.from('one\n'));
    const id = await start(LATER, { parameters: { text: 's3://bucket/later.txt' } });
    await running(id);
    await room.objects.put(owner, 's3://bucket/later.txt', Buffer.from('two\n'));
    assert.match(
      await failure(id),
      /^MODIFIED_INPUT_RESOURCE: .*was modified after the run started: s3:\/\/bucket\/later\.txt/,
    );
  });

  test('IMPORT_FAILED: an input that is gone when its task begins', async () => {
    await room.objects.put(owner, 's3://bucket/gone.txt', Buffer.from('one\n'));
    const id = await start(LATER, { parameters: { text: 's3://bucket/gone.txt' } });
    await running(id);
    await room.objects.remove(owner, 's3://bucket/gone.txt');
    assert.match(
      await failure(id),
      /^IMPORT_FAILED: .*gone\.txt.* Check that the input file exists and the run role can access/s,
    );
  });

  test('IMPORT_FAILED: a store that answers none of the attempts to see an input', async () => {
    const answer = '503 Slow Down.';
    const head = room.objects.head.bind(room.objects);
    let asked = 0;
    room.objects.head = (actor, uri) => {
      if (!uri.endsWith('/busy.txt')) return head(actor, uri);
      asked += 1;
      throw new ServiceError('slowDown', 'SlowDown', 503, answer);
    };
    assert.equal(
      await reading('s3://bucket/busy.txt'),
      "IMPORT_FAILED: The workflow run didn't finish because of a transient error while importing " +
        `s3://bucket/busy.txt: ${answer} Try the workflow run again.`,
    );
    assert.ok(asked > 1, 'it was tried again');
  });

  test('EXPORT_FAILED: a bucket that answers none of the attempts to write', async () => {
    const answer = '503 Slow Down.';
    const put = room.objects.put.bind(room.objects);
    room.objects.put = (actor, uri, body) => {
      if (!uri.startsWith('s3://bucket/busy/')) return put(actor, uri, body);
      throw new ServiceError('slowDown', 'SlowDown', 503, answer);
    };
    assert.equal(
      await failureOf(one('true'), { outputUri: 's3://bucket/busy' }),
      "EXPORT_FAILED: The workflow run didn't finish because of a transient error while exporting the run output: " +
        `${answer} Try the workflow run again.`,
    );
  });

  test('EXPORT_FAILED: a bucket that is not there', async () => {
    const outputUri = 's3://no-such-bucket/out';
    assert.match(
      await failureOf(one('true'), { outputUri }),
      /^EXPORT_FAILED: .*Check that the output bucket exists/,
    );
  });

  test('EXPORT_FAILED: a bucket of another account than its batch expects', async () => {
    assert.match(
      await failureOf(one('true'), { outputBucketOwnerId: '444455556666' }),
      /^EXPORT_FAILED: The bucket of s3:\/\/bucket\/out does not belong to the expected account 444455556666\./,
    );
  });

  test('ASSUME_ROLE_FAILED: the role went after StartRun', async () => {
    assumptions = 1;
    try {
      const message = await failureOf(one('true'));
      assert.match(message, /^ASSUME_ROLE_FAILED: The role .*OmicsRole cannot be assumed/);
    } finally {
      assumptions = Infinity;
    }
  });

  test('INVALID_ECR_IMAGE_URI', async () => {
    assert.match(
      await failureOf(one('true', 'docker: "no such name!"')),
      /^INVALID_ECR_IMAGE_URI: .*"no such name!\\?" is not the name of an image/,
    );
  });

  test('ECR_PERMISSION_ERROR: an image that is nowhere', async () => {
    const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/none:1';
    assert.match(
      await failureOf(one('true', `docker: "${image}"`)),
      /^ECR_PERMISSION_ERROR: .*\/none:1 was not found/,
    );
    const parametric = `version 1.0
workflow W { input { String image } call work { input: image = image } }
task work { input { String image } command { true } runtime { docker: image } }
`;
    await assert.rejects(start(parametric, { parameters: { image } }), {
      code: 'ValidationException',
      message: /^Parameter "image": The image .*\/none:1 was not found/,
    });
  });

  test('INSTANCE_RESERVATION_FAILED: an instance of the service that this machine cannot give', async () => {
    const eight = 'acceleratorCount: 8 acceleratorType: "nvidia-tesla-t4"';
    assert.match(
      await failureOf(one('true', 'acceleratorCount: 1 acceleratorType: "nvidia-l40s"')),
      /^INSTANCE_RESERVATION_FAILED: .*asks for 1 GPU of type nvidia-l40s/,
    );
    assert.match(
      await failureOf(one('true', eight)),
      /^INVALID_TASK_RESOURCE_VALUE: .*asks for 8 GPUs of type nvidia-tesla-t4/,
    );
  });

  test('INVALID_TASK_RESOURCE_VALUE', async () => {
    const large = 'version 1.0\nworkflow W { call t } task t { command { true } runtime { cpu: 4096 } }\n';
    assert.match(await failureOf(large), /^INVALID_TASK_RESOURCE_VALUE: .*asks for 4096 vCPUs/);
    const none = 'version 1.0\nworkflow W { call t } task t { command { true } runtime { cpu: 0 } }\n';
    assert.match(await failureOf(none), /^INVALID_TASK_RESOURCE_VALUE: /);
    const empty =
      'version 1.0\nworkflow W { call t } task t { command { true } runtime { memory: "0 GiB" } }\n';
    assert.match(await failureOf(empty), /^INVALID_TASK_RESOURCE_VALUE: /);
  });

  test('OUT_OF_MEMORY_ERROR', async () => {
    assert.match(
      await failureOf(one('head -c 300m /dev/zero | tail -c 299m > /dev/null')),
      /^OUT_OF_MEMORY_ERROR: .*ran out of memory/,
    );
  });

  test('RUN_TASK_FAILED, told in one place: task, shard, source, exit code, last words', async () => {
    const source = `version 1.0
workflow Shards { scatter (i in range(3)) { call work { input: i = i } } }
task work { input { Int i } command { echo "shard ~{i} has no reads" >&2; exit ~{if i == 1 then 42 else 0} } }
`;
    const id = await start(source);
    const message = await failure(id);
    assert.match(message, /^RUN_TASK_FAILED: Task \S*work\S*1\S* failed with exit code 42\./);
    assert.match(message, /At main\.wdl:\d+:\d+\./);
    assert.match(message, /Last lines of its log:\nshard 1 has no reads/);
    const { items } = await room.call<ListRunTasksResponse>('ListRunTasks', { id, status: 'FAILED' });
    const task = await room.call<GetRunTaskResponse>('GetRunTask', { id, taskId: items![0]!.taskId });
    assert.equal(task.failureReason, 'RUN_TASK_FAILED');
  });

  test('SERVICE_ERROR: every engine of the run is killed', async () => {
    const id = await start(one('sleep 30'));
    await running(id);
    let over = false;
    const run = ended(room, id).finally(() => (over = true));
    while (!over) {
      for (const engine of engines()) process.kill(engine, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await run).failureReason, 'SERVICE_ERROR');
  });
});

/** Engine processes that this process started. */
function engines(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isEngine(name))
    .map(Number);
}

function isEngine(processId: string): boolean {
  try {
    const parent = readFileSync(`/proc/${processId}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[1];
    const command = readFileSync(`/proc/${processId}/cmdline`, 'utf8');
    return Number(parent) === process.pid && command.includes('engine/main.ts');
  } catch {
    return false; // it has ended meanwhile
  }
}
