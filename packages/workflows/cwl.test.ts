import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { owner, ROLE, temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

const MAIN = `cwlVersion: v1.2
class: Workflow
requirements: { ScatterFeatureRequirement: {}, StepInputExpressionRequirement: {}, InlineJavascriptRequirement: {} }
inputs:
  genome: { type: File, secondaryFiles: [.fai], doc: the reference }
  words: { type: "string[]", default: [a, b] }
outputs:
  index: { type: File, outputSource: copy/index }
  said: { type: "string[]", outputSource: say/said }
steps:
  copy:
    run: copy.cwl
    in: { genome: genome }
    out: [index]
  say:
    run:
      class: ExpressionTool
      inputs: { word: string }
      outputs: { said: string }
      expression: "\${ return {said: inputs.word.toUpperCase()}; }"
    scatter: word
    in: { word: words }
    out: [said]
`;
const COPY = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs:
  genome: { type: File, secondaryFiles: [.fai] }
arguments: ["$(inputs.genome.secondaryFiles[0].path)"]
stdout: $(inputs.genome.nameroot).txt
outputs:
  index: stdout
`;

const bytes = (content: string) => new TextEncoder().encode(content);

describe('workflows in CWL', { timeout: 60_000 }, () => {
  let folder: string;
  let room: TestRoom;

  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({ folder, owner: `workflows-cwl-${process.pid}` });
    await room.objects.makeBucket('bucket');
    await room.objects.put(owner, 's3://bucket/hg.fa', bytes('>chr1\nACGT\n'));
    await room.objects.put(owner, 's3://bucket/hg.fa.fai', bytes('chr1\t4\t6\t4\t5\n'));
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const until = async <T>(get: () => Promise<T>, done: (answer: T) => boolean): Promise<T> => {
    for (let waited = 0; waited < 30_000; waited += 50) {
      const answer = await get();
      if (done(answer)) return answer;
      await delay(50);
    }
    throw new Error(`still ${JSON.stringify(await get())}`);
  };
  const register = async (files: Readonly<Record<string, string>>): Promise<GetWorkflowResponse> => {
    const definitionZip = zipSync(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, bytes(content)])),
    );
    const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', {
      ...{ name: 'w', engine: 'CWL', definitionZip, main: 'main.cwl', requestId: 'r' },
    });
    const get = () => room.call<GetWorkflowResponse>('GetWorkflow', { id });
    return until(get, ({ status }) => status !== 'CREATING');
  };

  test('inputs are detected, a run finds secondary files in the bucket, its outputs are published', async () => {
    const workflow = await register({ 'main.cwl': MAIN, 'copy.cwl': COPY });
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    assert.deepEqual(workflow.parameterTemplate, {
      genome: { description: 'the reference', optional: false },
      words: { optional: true },
    });
    const { id } = await room.call<StartRunResponse>('StartRun', {
      ...{ workflowId: workflow.id, roleArn: ROLE, requestId: 'r' },
      ...{
        outputUri: 's3://bucket/out/',
        parameters: { genome: { class: 'File', location: 's3://bucket/hg.fa' } },
      },
    });
    const done = await until(
      () => room.call<GetRunResponse>('GetRun', { id }),
      ({ status }) => ['COMPLETED', 'FAILED'].includes(status!),
    );
    assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
    const out = join(folder, 'buckets/bucket/out', id!);
    assert.equal(await readFile(join(out, 'out/index/hg.txt'), 'utf8'), 'chr1\t4\t6\t4\t5\n');
    const outputs = JSON.parse(await readFile(join(out, 'logs/outputs.json'), 'utf8'));
    assert.deepEqual(outputs.said, ['A', 'B']);
    assert.equal(outputs.index.location, `s3://bucket/out/${id}/out/index/hg.txt`);
  });

  test('a faulty definition fails with file, line and column', async () => {
    const workflow = await register({ 'main.cwl': MAIN.replace('copy/index', 'copy/idx'), 'copy.cwl': COPY });
    assert.equal(workflow.status, 'FAILED');
    assert.match(workflow.statusMessage!, /^main\.cwl:8:24: The source copy\/idx is neither/);
  });
});
