import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateRunCacheResponse,
  CreateWorkflowResponse,
  GetRunResponse,
  GetRunTaskResponse,
  GetWorkflowResponse,
  ListRunTasksResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { BUSYBOX, makeBusyboxImage } from '../packages/runtime/testing/busybox-image.ts';
import { makeCram, sequencesOf } from './cram.ts';
import { gpuNextflow } from './guide-gpu.ts';
import { type AwsCommand, awsCli, awsCommand, finished, openWorld, until, type World } from './world.ts';

// The guide's "Writing workflows in Nextflow" with the CLI.

/** The guide's example under "Workflow outputs", its image aside; ValidateSamFile, which it calls, is ours. */
const CRAM_TO_BAM = `nextflow.enable.dsl=2

workflow {
  CramToBamTask(params.ref_fasta, params.ref_fasta_index, params.ref_dict, params.input_cram, params.sample_name)
  ValidateSamFile(CramToBamTask.out.outputBam)
}

process CramToBamTask {
  publishDir "/mnt/workflow/pubdir"

  input:
    path ref_fasta
    path ref_fasta_index
    path ref_dict
    path input_cram
    val sample_name

  output:
    path "\${sample_name}.bam", emit: outputBam
    path "\${sample_name}.bai", emit: outputBai

  script:
    """
    set -eo pipefail

    samtools view -h -T $ref_fasta $input_cram |
    samtools view -b -o \${sample_name}.bam -
    samtools index -b \${sample_name}.bam
    mv \${sample_name}.bam.bai \${sample_name}.bai
    """
}

process ValidateSamFile {
  publishDir "/mnt/workflow/pubdir", mode: 'copy'
  input:
    path bam
  output:
    path 'report.txt'
  script:
    "samtools quickcheck -v $bam && echo 'No errors found' > report.txt"
}
`;

const TEMPLATE = {
  ref_fasta: { description: 'Reference sequence', optional: false },
  ref_fasta_index: { description: 'Its index' },
  ref_dict: { description: 'Its dictionary', optional: true },
  input_cram: { description: 'Aligned reads' },
  sample_name: { description: 'Names the outputs' },
};

const withoutImages =
  (process.getuid?.() === 0 ? false : 'images are unpacked by root') ||
  (existsSync(BUSYBOX) ? false : 'busybox-static is not installed') ||
  (['umoci', 'runc'].find((program) => spawnSync(program, ['--version']).error !== undefined) ?? false);

describe('workflows in Nextflow with the aws CLI', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    await aws.json`s3api create-bucket --bucket doc-example-bucket1`;
    const made = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsWorkflow --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = made.Role!.Arn!;
    await aws.raw`iam put-role-policy --role-name OmicsWorkflow --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket1')}`;
  });
  after(() => world.close());

  const put = async (name: string) => {
    const done = await aws.raw`s3 cp --no-progress ${name} s3://doc-example-bucket1/${name}`;
    assert.equal(done.status, 0, done.stderr);
    return `s3://doc-example-bucket1/${name}`;
  };
  const register = async (script: string, template?: object) => {
    writeFileSync(join(world.folder, 'definition.zip'), zipSync({ 'main.nf': Buffer.from(script) }));
    const options = template === undefined ? [] : ['--parameter-template', JSON.stringify(template)];
    const { id } = await aws.json<CreateWorkflowResponse>`omics create-workflow --name nf --engine NEXTFLOW
      --definition-zip fileb://definition.zip ${options[0] ?? '--main'} ${options[1] ?? 'main.nf'}`;
    const workflow = await until(
      () => aws.json<GetWorkflowResponse>`omics get-workflow --id ${id}`,
      finished,
    );
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    return workflow;
  };
  const run = async (workflowId: string | undefined, parameters: object, cache?: string) => {
    const { id } = await aws.json<StartRunResponse>`omics start-run --workflow-id ${workflowId}
      --role-arn ${roleArn} --output-uri s3://doc-example-bucket1/out --parameters ${JSON.stringify(parameters)}
      --name nf ${cache === undefined ? '--log-level' : '--cache-id'} ${cache ?? 'ALL'}`;
    return until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished, 120);
  };
  const tasksOf = async (id: string | undefined) =>
    (await aws.json<ListRunTasksResponse>`omics list-run-tasks --id ${id}`).items!;

  test('Workflow outputs: a CRAM becomes a BAM in pubdir, by the guide’s script and a parameter template', async () => {
    const sequences = makeCram(world.folder);
    const workflow = await register(CRAM_TO_BAM, TEMPLATE);
    assert.deepEqual([workflow.engine, workflow.type], ['NEXTFLOW', 'PRIVATE']);
    assert.deepEqual(workflow.parameterTemplate!['ref_dict'], TEMPLATE.ref_dict);
    const refused = await aws.raw`omics start-run --workflow-id ${workflow.id} --role-arn ${roleArn}
      --output-uri s3://doc-example-bucket1/out --parameters {}`;
    assert.match(refused.stderr, /ValidationException.*ref_fasta/);
    const parameters = {
      ref_fasta: await put('ref.fa'),
      ref_fasta_index: await put('ref.fa.fai'),
      ref_dict: await put('ref.dict'),
      input_cram: await put('reads.cram'),
      sample_name: 'NA12878',
    };
    const done = await run(workflow.id, parameters);
    assert.equal(done.status, 'COMPLETED', done.statusMessage);
    assert.deepEqual([done.workflowId, done.workflowType], [workflow.id, 'PRIVATE']);
    const names = (await tasksOf(done.id)).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['CramToBamTask', 'ValidateSamFile']);
    await aws.raw`s3 cp --recursive --no-progress ${done.runOutputUri} out`;
    const bam = join(world.folder, 'out/pubdir/NA12878.bam');
    assert.deepEqual(sequencesOf(bam), sequences);
    assert.ok(existsSync(join(world.folder, 'out/pubdir/NA12878.bai')));
    assert.equal(readFileSync(join(world.folder, 'out/pubdir/report.txt'), 'utf8'), 'No errors found\n');
  });

  test('what a task writes to its standard output and error is in its log stream, and stdout is a channel as well', async () => {
    const workflow = await register(`process HELLO {
      output: stdout
      script: 'echo aligned 12 reads; echo 1 read skipped >&2'
    }
    workflow { HELLO().view { "seen: $it" } }`);
    const done = await run(workflow.id, {});
    assert.equal(done.status, 'COMPLETED', done.statusMessage);
    const [task] = await tasksOf(done.id);
    const messages = async (stream: string) => {
      const { events } = await aws.json<GetLogEventsResponse>`logs get-log-events
        --log-group-name /aws/omics/WorkflowLog --log-stream-name run/${done.id}/${stream} --start-from-head`;
      return events!.map(({ message }) => message!);
    };
    assert.deepEqual((await messages(`task/${task!.taskId}`)).sort(), ['1 read skipped', 'aligned 12 reads']);
    assert.ok((await messages('engine')).some((line) => line.includes('seen: aligned 12 reads')));
  });

  test('accelerator: a GPU that nobody has fails its task with what it asked for', async () => {
    const workflow = await register(gpuNextflow());
    const done = await run(workflow.id, {});
    assert.equal(done.status, 'FAILED');
    assert.match(done.statusMessage!, /nvidia_smi/);
    assert.match(done.statusMessage!, /nvidia-tesla-t4-a10g|GPU|accelerator/i);
  });

  test('a task that runs again in another container says so', { skip: withoutImages }, async () => {
    await makeBusyboxImage(join(world.folder, 'image'));
    const layout = join(world.data, 'images', 'layout');
    renameSync(join(world.folder, 'image/layout'), layout);
    const changed = ['--tag', 'changed', '--config.env', 'CHANGED=1'];
    execFileSync('umoci', ['config', '--image', `${layout}:made`, ...changed]);
    const workflow = await register(`process HELLO {
      container params.image
      output: stdout
      script: 'echo hello'
    }
    workflow { HELLO() }`);
    const { id } = await aws.json<CreateRunCacheResponse>`omics create-run-cache --name cache
      --cache-s3-location s3://doc-example-bucket1/cache --cache-behavior CACHE_ALWAYS`;
    const messageOf = async (image: string) => {
      const done = await run(workflow.id, { image }, id);
      assert.equal(done.status, 'COMPLETED', done.statusMessage);
      const [task] = await tasksOf(done.id);
      const { statusMessage } = await aws.json<GetRunTaskResponse>`
        omics get-run-task --id ${done.id} --task-id ${task!.taskId}`;
      return statusMessage!;
    };
    assert.match(await messageOf('made'), /had nothing of HELLO/);
    assert.match(await messageOf('changed'), /image: before sha256:\w+, now sha256:\w+/);
  });
});
