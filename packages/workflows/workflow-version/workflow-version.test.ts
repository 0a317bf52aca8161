import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import type {
  CreateWorkflowVersionResponse,
  GetRunResponse,
  GetWorkflowResponse,
  GetWorkflowVersionResponse,
  ListWorkflowVersionsResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { register, until } from '../testing-runs.ts';
import { owner, ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';

const say = (word: string) => `version 1.0
workflow Say { call speak output { String said = read_string(speak.out) } }
task speak { command { echo ${word} } output { File out = stdout() } }
`;
const zipOf = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));

describe('workflow versions, README and exports', { timeout: 120_000 }, () => {
  let folder: string;
  let room: TestRoom;
  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({ folder, owner: `versions-test-${process.pid}` });
    await room.objects.makeBucket('bucket');
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const getVersion = (workflowId: string, versionName: string, members = {}) =>
    room.call<GetWorkflowVersionResponse>(
      'GetWorkflowVersion',
      { workflowId, versionName, ...members },
      { endpoint: 'http://omics.test' },
    );
  const addVersion = async (workflowId: string, versionName: string, members: object) => {
    const answer = await room.call<CreateWorkflowVersionResponse>('CreateWorkflowVersion', {
      workflowId,
      versionName,
      engine: 'WDL',
      ...members,
    });
    await until(
      () => getVersion(workflowId, versionName),
      ({ status }) => status !== 'CREATING',
    );
    return answer;
  };
  const said = async (members: object) => {
    const { id } = await room.call<StartRunResponse>('StartRun', {
      roleArn: ROLE,
      outputUri: 's3://bucket/out',
      ...members,
    });
    const run = await until(
      () => room.call<GetRunResponse>('GetRun', { id }),
      ({ status }) => ['COMPLETED', 'FAILED'].includes(status!),
    );
    assert.equal(run.status, 'COMPLETED', run.statusMessage);
    const { body } = await room.objects.open(owner, `${run.runOutputUri}/logs/outputs.json`);
    const outputs = JSON.parse((await buffer(body)).toString()) as Record<string, string>;
    return { run, word: outputs['Say.said'] };
  };

  test('a run names a version, and runs the workflow itself where it does not', async () => {
    const { id } = await register(room, { 'main.wdl': say('first') });
    const { arn, status } = await addVersion(id!, '1.1', {
      definitionZip: zipOf({ 'main.wdl': say('second') }),
    });
    assert.equal(arn, `arn:aws:omics:us-east-1:111122223333:workflow/${id}/version/1.1`);
    assert.equal(status, 'CREATING');
    assert.equal((await said({ workflowId: id })).word, 'first');
    const second = await said({ workflowId: id, workflowVersionName: '1.1' });
    assert.equal(second.word, 'second');
    assert.equal(second.run.workflowVersionName, '1.1');
    assert.equal((await said({ runId: second.run.id })).word, 'second', 'a repeated run keeps its version');
    await assert.rejects(said({ workflowId: id, workflowVersionName: '9' }), {
      code: 'ResourceNotFoundException',
      message: `Workflow ${id} has no version 9.`,
    });
  });

  test('version names are unique in a workflow, listed, and free again once deleted', async () => {
    const { id } = await register(room, { 'main.wdl': say('first') });
    const definitionZip = zipOf({ 'main.wdl': say('x') });
    for (const name of ['a', 'b']) await addVersion(id!, name, { definitionZip });
    await assert.rejects(addVersion(id!, 'a', { definitionZip }), { code: 'ConflictException' });
    const page = await room.call<ListWorkflowVersionsResponse>('ListWorkflowVersions', {
      workflowId: id,
      maxResults: 1,
    });
    const next = await room.call<ListWorkflowVersionsResponse>('ListWorkflowVersions', {
      workflowId: id,
      startingToken: page.nextToken,
    });
    const names = [...page.items!, ...next.items!].map(({ versionName }) => versionName);
    assert.deepEqual(names, ['a', 'b']);
    await room.call('DeleteWorkflowVersion', { workflowId: id, versionName: 'a' });
    await addVersion(id!, 'a', { definitionZip });
    await room.call('DeleteWorkflow', { id });
    await assert.rejects(getVersion(id!, 'b'), { code: 'ResourceNotFoundException' });
    await assert.rejects(addVersion(id!, 'c', { definitionZip }), { code: 'ResourceNotFoundException' });
  });

  test('a version that does not type-check is FAILED with the place and cannot be run', async () => {
    const { id } = await register(room, { 'main.wdl': say('first') });
    const broken = 'version 1.0\nworkflow Say {\n  Int number = [1, 2]\n}\n';
    await addVersion(id!, 'broken', { definitionZip: zipOf({ 'main.wdl': broken }) });
    const { status, statusMessage } = await getVersion(id!, 'broken');
    assert.equal(status, 'FAILED');
    assert.match(statusMessage!, /^main\.wdl:3:\d+: [^]*\n +Int number[^]*\n +\^/);
    await assert.rejects(
      said({ workflowId: id, workflowVersionName: 'broken' }),
      /is FAILED, and only an ACTIVE/,
    );
  });

  test('the definition and the README are exported by URLs that end', async () => {
    const readmeMarkdown = '# Say\nSays a word.\n';
    const { id } = await register(room, { 'main.wdl': say('first') }, { readmeMarkdown });
    const get = (members: object) =>
      room.call<GetWorkflowResponse>('GetWorkflow', { id, ...members }, { endpoint: 'http://omics.test' });
    assert.equal((await get({})).definition, undefined, 'not asked for');
    const { definition, readme } = await get({ export: ['DEFINITION', 'README'] });
    assert.ok(definition!.length <= 256 && readme!.length <= 256, 'as the API bounds them');
    const open = async (url: string) => {
      const [, account, region, token] = /exports\/(\d+)\/([^?]+)\?token=(.+)$/.exec(url)!;
      const file = await room.workflows.openExport(account!, region!, token!);
      return file && (await buffer(file.body)).toString('latin1');
    };
    assert.match((await open(definition!))!, /^PK/);
    assert.equal(await open(readme!), readmeMarkdown);
    assert.equal(await open(readme!.replace('111122223333', '444455556666')), undefined, 'another account');
    await room.call('UpdateWorkflow', { id, readmeMarkdown: '# Said' });
    assert.equal(await open((await get({ export: ['README'] })).readme!), '# Said');
  });

  test('README, template and registry map come from the zip or from S3', async () => {
    const put = (key: string, text: string) =>
      room.objects.put(owner, `s3://bucket/${key}`, Buffer.from(text));
    await put('README.md', 'from S3');
    const map = {
      imageMappings: [{ sourceImage: 'quay.io/a/b:1', destinationImage: 'registry.lab/b:1' }],
    };
    await put('map.json', JSON.stringify(map));
    const workflow = await register(
      room,
      {
        'main.wdl': 'version 1.0\nworkflow W { input { Int n = 1 } }\n',
        'template.json': '{"n": {"description": "how many", "optional": true}}',
        'docs/README.md': 'from the zip',
      },
      {
        readmePath: 'docs/README.md',
        parameterTemplatePath: 'template.json',
        containerRegistryMapUri: 's3://bucket/map.json',
      },
    );
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    assert.deepEqual(workflow.parameterTemplate, { n: { description: 'how many', optional: true } });
    assert.deepEqual(workflow.containerRegistryMap?.imageMappings, map.imageMappings);
    const wrong = await register(room, { 'main.wdl': say('x') }, { readmeUri: 's3://bucket/none.md' });
    assert.match(wrong.statusMessage!, /^readmeUri s3:\/\/bucket\/none\.md cannot be read: /);
    await assert.rejects(
      register(room, { 'main.wdl': say('x') }, { readmePath: 'a', readmeUri: 's3://bucket/README.md' }),
      { code: 'ValidationException', message: /readmePath and readmeUri exclude each other/ },
    );
  });
});
