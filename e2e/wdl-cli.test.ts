import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JOB_TRUST } from '../packages/cli/demo/job-role.ts';
import { makeCram, sequencesOf } from './cram.ts';
import { gpuWdl } from './guide-gpu.ts';
import { type AwsCommand, awsCli, awsCommand, finished, openWorld, until, type World } from './world.ts';

// "Writing workflows in WDL" and "Workflow definition file examples" of the guide.

/** One input of every type that the guide's tables list, with the tables' own examples of JSON. */
const TYPES = `version development
struct SampleBamAndIndex {
  String sample_name
  File bam
  File bam_index
}
workflow Types {
  input {
    Boolean b
    Int i
    Float f
    String s
    File file
    Directory d
    Array[Int] nums
    Pair[String, Int] str_to_i
    Map[Int, String] int_to_string
    SampleBamAndIndex b_and_i
  }
  call Look { input: d = d, file = file, sample = b_and_i }
  output {
    Array[String] seen = Look.seen
    String text = "~{b} ~{i} ~{f} ~{s} ~{nums[2]} ~{str_to_i.left}~{str_to_i.right} ~{int_to_string[2]}"
  }
}
task Look {
  input {
    Directory d
    File file
    SampleBamAndIndex sample
  }
  command <<<
    (cd ~{d} && find . -type f | sort)
    cat ~{file} ~{sample.bam} ~{sample.bam_index}
  >>>
  output { Array[String] seen = read_lines(stdout()) }
}
`;

/** The CRAM to BAM example, its image aside; its second task asks samtools, since picard is not among the host's tools. */
const CRAM_TO_BAM = `version 1.0
workflow CramToBamFlow {
  input {
    File ref_fasta
    File ref_fasta_index
    File ref_dict
    File input_cram
    String sample_name
    String gotc_docker = "<account>.dkr.ecr.us-west-2.amazonaws.com/genomes-in-the-cloud:latest"
  }
  #Converts CRAM to SAM to BAM and makes BAI.
  call CramToBamTask{
    input:
      ref_fasta = ref_fasta,
      ref_fasta_index = ref_fasta_index,
      ref_dict = ref_dict,
      input_cram = input_cram,
      sample_name = sample_name,
  }
  #Validates Bam.
  call ValidateSamFile{
    input:
      input_bam = CramToBamTask.outputBam,
  }
  #Outputs Bam, Bai, and validation report to the FireCloud data model.
  output {
    File outputBam = CramToBamTask.outputBam
    File outputBai = CramToBamTask.outputBai
    File validation_report = ValidateSamFile.report
  }
}
#Task definitions.
task CramToBamTask {
  input {
    # Command parameters
    File ref_fasta
    File ref_fasta_index
    File ref_dict
    File input_cram
    String sample_name
  }
  #Calls samtools view to do the conversion.
  command {
    set -eo pipefail

    samtools view -h -T ~{ref_fasta} ~{input_cram} |
    samtools view -b -o ~{sample_name}.bam -
    samtools index -b ~{sample_name}.bam
    mv ~{sample_name}.bam.bai ~{sample_name}.bai
  }
  #Outputs a BAM and BAI with the same sample name
  output {
    File outputBam = "~{sample_name}.bam"
    File outputBai = "~{sample_name}.bai"
  }
}
#Validates BAM output to ensure it wasn't corrupted during the file conversion.
task ValidateSamFile {
  input { File input_bam }
  String output_name = basename(input_bam, ".bam") + ".validation_report"
  command { samtools quickcheck -v ~{input_bam} > ~{output_name} && echo "No errors found" > ~{output_name} }
  #A text file is generated that lists errors or warnings that apply.
  output {
    File report = "~{output_name}"
  }
}
`;

/** An optional value where one is needed: Cromwell lets it pass, the specification does not. */
const OPTIONAL = `version 1.0
workflow w {
  input { String? name }
  call greet { input: name = name }
  output { String said = greet.said }
}
task greet {
  input { String name }
  command { echo hello ~{name} }
  output { String said = read_string(stdout()) }
}
`;

const withoutGit = spawnSync('git', ['--version']).error ? 'git is not installed' : false;

/** The account is known before the server starts, so that it can have a connection. */
const ACCOUNT = '111122223333';
const CONNECTION = `arn:aws:codeconnections:us-east-1:${ACCOUNT}:connection/lab`;

const bucketPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
      Resource: ['arn:aws:s3:::bucket-name', 'arn:aws:s3:::bucket-name/*'],
    },
  ],
});

describe('the guide’s WDL workflows with the aws CLI', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  let roleArn: string;
  let repositories: string;

  before(async () => {
    repositories = mkdtempSync(join(tmpdir(), 'helicase-git-'));
    const connections = { [CONNECTION]: { endpoint: `file://${repositories}`, provider: 'Git' } };
    const configuration = join(repositories, 'helicase.json');
    writeFileSync(configuration, JSON.stringify({ accountId: ACCOUNT, connections }));
    world = await openWorld(['--config', configuration]);
    aws = awsCommand(world);
    const role = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsRun --assume-role-policy-document ${JOB_TRUST}`;
    roleArn = role.Role!.Arn!;
    await aws.raw`
      iam put-role-policy --role-name OmicsRun --policy-name Bucket --policy-document ${bucketPolicy}`;
    await aws.json`s3api create-bucket --bucket bucket-name`;
    for (const name of ['path/one.txt', 'path/sub/two.txt', 'NA12878.bam', 'NA12878.bam.bai']) {
      writeFileSync(join(world.folder, 'object'), `${name}\n`);
      await aws.raw`s3 cp --no-progress object s3://bucket-name/${name}`;
    }
  });
  after(async () => {
    await world.close();
    rmSync(repositories, { recursive: true, force: true });
  });

  const register = async (source: string, engine = 'WDL'): Promise<GetWorkflowResponse> => {
    writeFileSync(join(world.folder, 'definition.zip'), zipSync({ 'main.wdl': Buffer.from(source) }));
    const { id } = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name wdl --engine ${engine} --definition-zip fileb://definition.zip`;
    return until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${id}`, finished);
  };
  const run = async (workflowId: string | undefined, parameters: object): Promise<GetRunResponse> => {
    const { id } = await aws.json<StartRunResponse>`
      omics start-run --workflow-id ${workflowId} --role-arn ${roleArn} --parameters ${JSON.stringify(parameters)}
      --output-uri s3://bucket-name/out`;
    return until(() => aws.json<GetRunResponse>`omics get-run --id ${id}`, finished);
  };
  const outputs = async (id: string | undefined): Promise<unknown> => {
    await aws.raw`s3 cp --no-progress s3://bucket-name/out/${id}/logs/outputs.json got`;
    return JSON.parse(readFileSync(join(world.folder, 'got'), 'utf8'));
  };

  test('inputs of every type of the tables reach the workflow, a directory with all below it', async () => {
    const { id } = await register(TYPES);
    const done = await run(id, {
      ...{ b: true, i: 7, f: 42.2, s: 'characters', nums: [1, 2, 3] },
      file: 's3://bucket-name/path/one.txt',
      d: 's3://bucket-name/path/',
      str_to_i: { left: 'a', right: 1 },
      int_to_string: { 2: 'hello', 1: 'goodbye' },
      b_and_i: {
        sample_name: 'NA12878',
        bam: 's3://bucket-name/NA12878.bam',
        bam_index: 's3://bucket-name/NA12878.bam.bai',
      },
    });
    assert.equal(done.status, 'COMPLETED', done.statusMessage);
    assert.deepEqual(await outputs(done.id), {
      'Types.seen': ['./one.txt', './sub/two.txt', 'path/one.txt', 'NA12878.bam', 'NA12878.bam.bai'],
      'Types.text': 'true 7 42.200000 characters 3 a1 hello',
    });
  });

  test('CRAM to BAM: the parameter template is taken from the source, and the outputs are where outputs.json says', async () => {
    const sequences = makeCram(world.folder);
    const { id, parameterTemplate } = await register(CRAM_TO_BAM);
    const required = ['input_cram', 'ref_dict', 'ref_fasta', 'ref_fasta_index', 'sample_name'];
    const names = (optional: boolean) =>
      Object.keys(parameterTemplate!).filter(
        (name) => (parameterTemplate![name]!.optional ?? false) === optional,
      );
    assert.deepEqual([names(false).sort(), names(true)], [required, ['gotc_docker']]);
    await aws.raw`s3 cp --recursive --no-progress --exclude * --include re* . s3://bucket-name/inputs`;
    const at = (name: string) => `s3://bucket-name/inputs/${name}`;
    const done = await run(id, {
      input_cram: at('reads.cram'),
      ref_dict: at('ref.dict'),
      ref_fasta: at('ref.fa'),
      ref_fasta_index: at('ref.fa.fai'),
      sample_name: 'NA12878',
    });
    assert.equal(done.status, 'COMPLETED', done.statusMessage);
    const files = (await outputs(done.id)) as Record<string, string>;
    assert.deepEqual(Object.keys(files).sort(), [
      ...['outputBai', 'outputBam', 'validation_report'].map((name) => `CramToBamFlow.${name}`),
    ]);
    await aws.raw`s3 cp --no-progress ${files['CramToBamFlow.outputBam']} NA12878.bam`;
    assert.deepEqual(sequencesOf(join(world.folder, 'NA12878.bam')), sequences);
  });

  test('the GPU example from S3, one of several definition files; a machine without that GPU says so', async () => {
    const zip = { 'multi_workflow/workflow1.wdl': TYPES, 'multi_workflow/workflow2.wdl': gpuWdl() };
    const bytes = Object.entries(zip).map(([name, source]) => [name, Buffer.from(source)] as const);
    writeFileSync(join(world.folder, 'GPUWorkflow.zip'), zipSync(Object.fromEntries(bytes)));
    await aws.raw`s3 cp --no-progress GPUWorkflow.zip s3://bucket-name/GPUWorkflow.zip`;
    const create = async (flag: string, value: string) => {
      const made = await aws.json<CreateWorkflowResponse>`omics create-workflow --name Test
        --definition-uri s3://bucket-name/GPUWorkflow.zip --accelerators GPU ${flag} ${value}`;
      assert.equal(made.status, 'CREATING');
      return until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${made.id}`, finished);
    };
    const several = await create('--engine', 'WDL');
    assert.equal(several.status, 'FAILED');
    assert.match(several.statusMessage!, /^Zip file contains multiple workflow definition files/);
    const workflow = await create('--main', 'multi_workflow/workflow2.wdl');
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    assert.deepEqual(
      [workflow.type, workflow.accelerators, workflow.main, workflow.engine],
      ['PRIVATE', 'GPU', 'multi_workflow/workflow2.wdl', 'WDL'],
    );
    const done = await run(workflow.id, {});
    assert.deepEqual([done.status, done.accelerators], ['FAILED', 'GPU']);
    assert.match(done.statusMessage!, /GPU/);
  });

  test(
    'a definition comes from a Git repository, by whoever may use the connection',
    { skip: withoutGit },
    async () => {
      const folder = join(repositories, 'lab', 'flow');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'main.wdl'), OPTIONAL.replace('String? name', 'String name'));
      writeFileSync(join(folder, 'README.md'), '# Greets\n');
      const commit =
        'git init -qb main && git add . && git -c user.name=a -c user.email=a@b.c commit -qm one';
      execFileSync('sh', ['-c', commit], { cwd: folder });
      const repository = (arn: string) =>
        `connectionArn=${arn},fullRepositoryId=lab/flow,sourceReference={type=BRANCH,value=main}`;
      const { id } = await aws.json<CreateWorkflowResponse>`
      omics create-workflow --name git --definition-repository ${repository(CONNECTION)}`;
      await until(() => aws.json<GetWorkflowResponse>`omics get-workflow --id ${id}`, finished);
      const workflow = await aws.json<GetWorkflowResponse>`omics get-workflow --id ${id} --export README`;
      assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
      assert.deepEqual(workflow.definitionRepositoryDetails, {
        ...{ connectionArn: CONNECTION, fullRepositoryId: 'lab/flow' },
        sourceReference: { type: 'BRANCH', value: 'main' },
        ...{ providerType: 'Git', providerEndpoint: `file://${repositories}` },
      });
      assert.equal(await (await fetch(workflow.readme!)).text(), '# Greets\n');
      const done = await run(id, { name: 'git' });
      assert.deepEqual(await outputs(done.id), { 'w.said': 'hello git' });
      const unknown = CONNECTION.replace(ACCOUNT, '444455556666');
      const refused = await aws.raw`omics create-workflow --definition-repository ${repository(unknown)}`;
      assert.match(refused.stderr, /ValidationException.*has no connection/);
    },
  );

  test('a fault is told with file, line, column and a caret when the workflow is registered', async () => {
    const { status, statusMessage } = await register(OPTIONAL.replace('greet.said', 'greet.sad'));
    assert.equal(status, 'FAILED');
    assert.match(statusMessage!, /main\.wdl:5:26: Call greet has no member sad\. Did you mean said\?/);
    assert.match(statusMessage!, /\^\^\^/);
  });

  test('WDL refuses an optional value where one is needed, WDL_LENIENT lets it pass', async () => {
    const strict = await register(OPTIONAL);
    assert.match(strict.statusMessage!, /main\.wdl:4:30: Expected String, found String\?/);
    const lenient = await register(OPTIONAL, 'WDL_LENIENT');
    assert.equal(lenient.status, 'ACTIVE', lenient.statusMessage);
    const done = await run(lenient.id, { name: 'world' });
    assert.deepEqual(await outputs(done.id), { 'w.said': 'hello world' });
    const undefinedName = await run(lenient.id, {});
    assert.equal(undefinedName.status, 'FAILED');
    assert.match(undefinedName.statusMessage!, /name: A value of type String is needed, but it is undefined/);
  });
});
