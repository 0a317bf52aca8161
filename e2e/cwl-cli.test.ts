import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { archiveSource, createContainerBackend, detectControlGroups, ImageStore } from '@helicase/runtime';
import { silentLog, systemClock } from '@helicase/kernel';
import { makeBusyboxImage, must } from '../packages/runtime/testing/busybox-image.ts';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { GPU_CWL } from './guide-gpu.ts';
import { type AwsCommand, awsCli, awsCommand, finished, openWorld, until, type World } from './world.ts';

// "Writing workflows in CWL" of the guide: its examples, mended where they are no valid CWL as printed
// (docs/guide-differences.md), and its rule for secondary files in a workflow within the workflow.

const COPY = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: cp

inputs:
  in_file:
    type: File
    secondaryFiles: [.fai]
    inputBinding:
      position: 1

  out_filename:
    type: string
    inputBinding:
      position: 2
  docker_image:
    type: string

outputs:
  copied_file:
    type: File
    outputBinding:
      glob: "$(inputs.out_filename)"

requirements:
  InlineJavascriptRequirement: {}
  DockerRequirement:
    dockerPull: "$(inputs.docker_image)"
`;

const MAIN = `cwlVersion: v1.2
class: Workflow

inputs:
  in_file:
    type: File
    secondaryFiles: [.fai]

  out_filename: string
  docker_image: string

outputs:
  copied_file:
    type: File
    outputSource: copy_step/copied_file

steps:
  copy_step:
    in:
      in_file: in_file
      out_filename: out_filename
      docker_image: docker_image
    out: [copied_file]
    run: copy.cwl
`;

/** The index, read beside the file: it is there because both workflows name it. */
const INDEX = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: [cat]
inputs:
  in_file: { type: File, secondaryFiles: [.fai] }
  docker_image: string
arguments: [ "$(inputs.in_file.path).fai" ]
outputs: { index: stdout }
stdout: index.txt
requirements: { DockerRequirement: { dockerPull: $(inputs.docker_image) } }
`;
const SUBWORKFLOW = `cwlVersion: v1.2
class: Workflow
inputs:
  in_file: { type: File, secondaryFiles: [.fai] }
  docker_image: string
outputs: { index: { type: File, outputSource: read/index } }
steps:
  read: { run: index.cwl, in: { in_file: in_file, docker_image: docker_image }, out: [index] }
`;
const OUTER = `cwlVersion: v1.2
class: Workflow
requirements: { SubworkflowFeatureRequirement: {} }
inputs:
  in_file: { type: File, secondaryFiles: [.fai] }
  docker_image: string
outputs: { index: { type: File, outputSource: inner/index } }
steps:
  inner: { run: inner.cwl, in: { in_file: in_file, docker_image: docker_image }, out: [index] }
`;

/** An expression on line 7 that wants what it must not have. */
const hostile = (body: string) => `cwlVersion: v1.2
class: ExpressionTool
requirements:
  InlineJavascriptRequirement: {}
inputs: { given: Any }
outputs: { taken: Any }
expression: |
  \${ ${body} }
`;

const REFERENCE = '>chr1\nACGTACGT\n';
const FAI = 'chr1\t8\t6\t8\t9\n';

const containersMissing = await createContainerBackend({
  ...{ clock: systemClock, log: silentLog, directory: '/nonexistent' },
  groups: () => detectControlGroups({ owner: 'helicase-e2e-cwl' }),
  images: new ImageStore({ directory: '/nonexistent', sources: [archiveSource('/nonexistent')] }),
}).unavailable();

describe('the guide’s CWL workflows with the aws CLI', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  let image: string;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    image = `${world.credentials.accountId}.dkr.ecr.us-east-1.amazonaws.com/busybox:1`;
    const role = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsRun --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = role.Role!.Arn!;
    await aws.raw`iam put-role-policy --role-name OmicsRun --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket')}`;
    await aws.json`s3api create-bucket --bucket doc-example-bucket`;
    writeFileSync(join(world.folder, 'ref.fa'), REFERENCE);
    writeFileSync(join(world.folder, 'ref.fa.fai'), FAI);
    for (const name of ['ref.fa', 'ref.fa.fai'])
      await aws.raw`s3 cp --no-progress ${name} s3://doc-example-bucket/${name}`;
  });
  after(() => world.close());

  const register = async (files: Readonly<Record<string, string>>): Promise<GetWorkflowResponse> => {
    const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]);
    writeFileSync(join(world.folder, 'definition.zip'), zipSync(Object.fromEntries(bytes)));
    const { id } = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name cwl --engine CWL --main main.cwl --definition-zip fileb://definition.zip`;
    return until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${id}`, finished);
  };
  const run = async (workflowId: string, parameters: object): Promise<GetRunResponse> => {
    const { id } = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${workflowId} --role-arn ${roleArn} --parameters ${JSON.stringify(parameters)}
      --output-uri s3://doc-example-bucket/out`;
    return until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished);
  };
  const output = async (id: string | undefined, key: string): Promise<string> => {
    await aws.raw`s3 cp --no-progress s3://doc-example-bucket/out/${id}/out/${key} got`;
    return readFileSync(join(world.folder, 'got'), 'utf8');
  };
  const genome = { class: 'File', location: 's3://doc-example-bucket/ref.fa' };

  test('inputs are detected without a parameter template', async () => {
    const workflow = await register({ 'main.cwl': MAIN, 'copy.cwl': COPY });
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    assert.deepEqual(Object.keys(workflow.parameterTemplate ?? {}).sort(), [
      'docker_image',
      'in_file',
      'out_filename',
    ]);
  });

  describe('in containers', { skip: containersMissing ?? false }, () => {
    before(async () => {
      await makeBusyboxImage(world.folder);
      await must('skopeo', [
        'copy',
        '-q',
        `oci:${world.folder}/layout:made`,
        `oci:${world.data}/images/own:${image}`,
      ]);
    });

    test('the file is copied in the image that an input names', async () => {
      const { id: workflowId } = await register({ 'main.cwl': MAIN, 'copy.cwl': COPY });
      const done = await run(workflowId!, { in_file: genome, out_filename: 'copy.fa', docker_image: image });
      assert.equal(done.status, 'COMPLETED', done.statusMessage);
      assert.equal(await output(done.id, 'copied_file/copy.fa'), REFERENCE);
    });

    test('secondary files named in the main workflow and in the one within it reach the tool', async () => {
      const files = { 'main.cwl': OUTER, 'inner.cwl': SUBWORKFLOW, 'index.cwl': INDEX };
      const { id: workflowId, statusMessage } = await register(files);
      const done = await run(workflowId!, { in_file: genome, docker_image: image });
      assert.equal(done.status, 'COMPLETED', `${statusMessage} ${done.statusMessage}`);
      assert.equal(await output(done.id, 'index/index.txt'), FAI);
    });

    test('an image that is not to be had is told before the run begins', async () => {
      const { id: workflowId } = await register({ 'main.cwl': MAIN, 'copy.cwl': COPY });
      const docker_image = image.replace('busybox', 'none');
      await assert.rejects(
        run(workflowId!, { in_file: genome, out_filename: 'copy.fa', docker_image }),
        /ValidationException[^]*Parameter "docker_image": The image .*\/none:1 was not found/,
      );
    });
  });

  test('what is no image at all is refused at once', async () => {
    const { id } = await register({ 'main.cwl': MAIN, 'copy.cwl': COPY });
    const parameters = JSON.stringify({ in_file: genome, out_filename: 'x', docker_image: 'no image' });
    const refused = await aws.raw`
      omics start-run --workflow-id ${id} --role-arn ${roleArn} --output-uri s3://doc-example-bucket/out
      --parameters ${parameters}`;
    assert.match(refused.stderr, /ValidationException.*"docker_image" must be the URI of a container image/);
  });

  test('hostile expressions end their run with the line, and the server lives on', async () => {
    const failure = async (body: string) => {
      const workflow = await register({ 'main.cwl': hostile(body) });
      const done = await run(workflow.id!, { given: { ['__proto__']: { polluted: 'yes' } } });
      return `${done.status} ${done.statusMessage}`;
    };
    assert.match(
      await failure(`return { taken: constructor.constructor('return process')().env };`),
      /^FAILED .*main\.cwl:7:1: The expression failed: ReferenceError: 'process' is not defined/,
    );
    assert.match(
      await failure(`var text = 'x'; while (text.length < 2147483648) text += text; return { taken: text };`),
      /^FAILED .*main\.cwl:7:1: The expression failed/,
    );
    const polluted = await failure(`return { taken: {}.polluted === undefined ? 'nothing' : 'all' };`);
    assert.match(polluted, /^COMPLETED/);
  });

  test('the GPU example registers; a machine without that GPU says so', async () => {
    const workflow = await register({ 'main.cwl': GPU_CWL });
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    const done = await run(workflow.id!, {});
    assert.equal(done.status, 'FAILED');
    assert.match(done.statusMessage!, /GPU/);
  });
});
