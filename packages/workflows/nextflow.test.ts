import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
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
import { owner, ROLE, temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

const MAIN = `nextflow.enable.dsl = 2
include { COUNT } from './modules/count'

workflow {
  names = channel.fromPath(params.sheet).splitCsv(header: true).map { row -> tuple(row.sample, file(row.file)) }
  COUNT(names)
}
`;
/** The guide: "publishDir must point to /mnt/workflow/pubdir, the only folder authorized to export files". */
const COUNT = `process COUNT {
  tag sample
  publishDir '/mnt/workflow/pubdir', mode: 'copy'
  input: tuple val(sample), path(fasta)
  output: path "\${sample}.txt"
  script:
  """
  letters.sh $fasta > \${sample}.txt
  echo "\${Labels.of(sample)} \${params.suffix}" >> \${sample}.txt
  """
}
`;
const FILES = {
  'main.nf': MAIN,
  'modules/count.nf': COUNT,
  'nextflow.config':
    "params { sheet = null; suffix = 'from the configuration' }\nprocess.cpus = 1\nplugins { id 'nf-prov' }\nprov.formats.legacy.file = '/mnt/workflow/output/info/manifest.json'\n",
  'bin/letters.sh': "#!/bin/sh\ngrep -v '>' \"$1\" | tr -d '\\n' | wc -c\n",
  'lib/Labels.groovy': 'class Labels { static String of(String name) { return name.toUpperCase() } }\n',
};

const bytes = (content: string) => new TextEncoder().encode(content);

describe('workflows in Nextflow', { timeout: 120_000 }, () => {
  let folder: string;
  let room: TestRoom;

  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({ folder, owner: `workflows-nextflow-${process.pid}` });
    await room.objects.makeBucket('bucket');
    await room.objects.put(owner, 's3://bucket/hg.fa', bytes('>chr1\nACGT\nAC\n'));
    await room.objects.put(owner, 's3://bucket/sheet.csv', bytes('sample,file\none,s3://bucket/hg.fa\n'));
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const until = async <T>(get: () => Promise<T>, done: (answer: T) => boolean): Promise<T> => {
    for (let waited = 0; waited < 40_000; waited += 50) {
      const answer = await get();
      if (done(answer)) return answer;
      await delay(50);
    }
    throw new Error(`still ${JSON.stringify(await get())}`);
  };
  const register = async (files: Readonly<Record<string, string>>): Promise<GetWorkflowResponse> => {
    const entries = Object.entries(files).map(([name, content]) => [
      name,
      [bytes(content), { os: 3, attrs: (name.startsWith('bin/') ? 0o755 : 0o644) << 16 }] as const,
    ]);
    const definitionZip = zipSync(Object.fromEntries(entries));
    const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', {
      ...{ name: 'w', engine: 'NEXTFLOW', definitionZip, main: 'main.nf', requestId: 'r' },
    });
    const get = () => room.call<GetWorkflowResponse>('GetWorkflow', { id });
    return until(get, ({ status }) => status !== 'CREATING');
  };
  const run = async (
    workflowId: string | undefined,
    parameters: Record<string, string>,
    cache: { readonly cacheId?: string; readonly engineSettings?: object } = {},
  ): Promise<GetRunResponse> => {
    const { id } = await room.call<StartRunResponse>('StartRun', {
      ...{
        workflowId,
        roleArn: ROLE,
        requestId: `r${Math.random()}`,
        outputUri: 's3://bucket/out/',
        parameters,
        ...cache,
      },
    });
    return until(
      () => room.call<GetRunResponse>('GetRun', { id }),
      ({ status }) => ['COMPLETED', 'FAILED'].includes(status!),
    );
  };

  test('modules, bin, lib and the configuration of a zip are used; what goes to pubdir is exported', async () => {
    const workflow = await register(FILES);
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
    assert.equal(workflow.engine, 'NEXTFLOW');
    assert.deepEqual(Object.keys(workflow.parameterTemplate ?? {}).sort(), ['sheet', 'suffix']);
    const done = await run(workflow.id, { sheet: 's3://bucket/sheet.csv' });
    assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
    const file = join(folder, 'buckets/bucket/out', done.id!, 'pubdir/one.txt');
    assert.equal(await readFile(file, 'utf8'), '6\nONE from the configuration\n');
    // "HealthOmics exports files placed in /mnt/workflow/output/ to the output/ prefix in your run's output location."
    const info = join(folder, 'buckets/bucket/out', done.id!, 'output/info/manifest.json');
    const manifest = JSON.parse(await readFile(info, 'utf8')) as {
      readonly published: readonly { readonly target: string }[];
    };
    assert.deepEqual(
      manifest.published.map(({ target }) => target),
      ['/mnt/workflow/pubdir/one.txt'],
    );
  });

  describe('profiles of the configuration', () => {
    const config = `params { sheet = null; suffix = 'plain' }
      process.cpus = 1
      includeConfig 'conf/more.config'
      profiles {
        loud { params.suffix = 'loud' }
        test { includeConfig 'conf/test.config' }
      }`;
    const files = {
      ...FILES,
      'nextflow.config': config,
      'conf/more.config': "profiles { quiet { params { suffix = 'quiet' } } }",
      'conf/test.config': "params { sheet = 's3://bucket/sheet.csv' }",
    };
    let workflow: GetWorkflowResponse & {
      profiles?: string[];
      profileParameterTemplates?: Record<string, Record<string, { optional?: boolean }>>;
    };
    before(async () => {
      workflow = await register(files);
    });

    test('are told with the workflow, each with the parameters that it sets as optional', () => {
      assert.deepEqual(workflow.profiles?.toSorted(), ['loud', 'quiet', 'test']);
      assert.equal(workflow.profileParameterTemplates?.test?.sheet?.optional, true);
    });

    // AWS's example of GetRun: "engineSettings": {"engineVersion": "26.04", "profile": "test,docker"}.
    test('are chosen by StartRun, several with commas between them, and answered by GetRun', async () => {
      const engineSettings = { profile: 'test,loud' };
      const done = await run(workflow.id, {}, { engineSettings });
      assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
      assert.deepEqual((done as { engineSettings?: object }).engineSettings, engineSettings);
      assert.match(done.engineVersion!, /^25\.10/);
      const file = join(folder, 'buckets/bucket/out', done.id!, 'pubdir/one.txt');
      assert.equal(await readFile(file, 'utf8'), '6\nONE loud\n');
    });

    const wrong = {
      'a profile that the workflow does not have': [{ profile: 'test,dokcer' }, /no profile dokcer: it has/],
      'a release that is not here': [{ engineVersion: '22.04' }, /engineVersion "22.04" is not here/],
      'a setting that is not known': [{ agentMode: 'on' }, /"agentMode" is no setting of this server/],
      'no object': ['test', /no JSON object/],
    } as const;
    for (const [what, [engineSettings, message]] of Object.entries(wrong))
      test(`refused in StartRun: ${what}`, async () => {
        await assert.rejects(run(workflow.id, {}, { engineSettings: engineSettings as object }), { message });
      });
  });

  test('a task that runs again says what of script, input and parameter differs from the run cache', async () => {
    const script = `process COUNT {
      input: path text
      output: path 'count'
      script: "wc -\${params.what} < $text > count"
    }
    workflow { COUNT(file(params.text)) }`;
    const [first, changed] = [script, script.replace('> count"', '> count; true"')].map((text) =>
      register({ 'main.nf': text }),
    );
    const { id: cacheId } = await room.call<CreateRunCacheResponse>('CreateRunCache', {
      ...{ cacheS3Location: 's3://bucket/cache', cacheBehavior: 'CACHE_ALWAYS' },
    });
    const taskOf = async (workflow: GetWorkflowResponse, what = 'l') => {
      const { id, status } = await run(
        workflow.id,
        { text: 's3://bucket/text', what },
        { cacheId: cacheId! },
      );
      assert.equal(status, 'COMPLETED');
      const { items } = await room.call<ListRunTasksResponse>('ListRunTasks', { id });
      return room.call<GetRunTaskResponse>('GetRunTask', { id, taskId: items![0]!.taskId });
    };
    await room.objects.put(owner, 's3://bucket/text', bytes('one line\n'));
    assert.equal((await taskOf(await first!)).cacheHit, false);
    assert.equal((await taskOf(await first!)).cacheHit, true);
    const parameter = await taskOf(await first!, 'w');
    assert.match(parameter.statusMessage!, /command\.sh, line 2: before wc -l .*now wc -w/);
    const { statusMessage } = await taskOf(await changed!);
    assert.match(statusMessage!, /now wc -l < text > count; true/);
    await room.objects.put(owner, 's3://bucket/text', bytes('another line\n'));
    const input = await taskOf(await first!);
    assert.match(input.statusMessage!, /input \S*text: before etag \w+, now etag \w+/);
  });

  test('a pattern in an S3 URI is refused, as the guide says', async () => {
    const workflow = await register({
      'main.nf': "workflow { channel.fromPath(params.sheet.replace('sheet.csv', '*.fa')).view() }\n",
    });
    const done = await run(workflow.id, { sheet: 's3://bucket/sheet.csv' });
    assert.equal(done.status, 'FAILED');
    assert.match(done.statusMessage!, /s3:\/\/bucket\/\*\.fa .*patterns are not supported/);
  });

  test('a script may not read the files of the server', async () => {
    const workflow = await register({ 'main.nf': "workflow { println file('/etc/passwd').text }\n" });
    const done = await run(workflow.id, {});
    assert.equal(done.status, 'FAILED');
    assert.match(done.statusMessage!, /may not read \/etc\/passwd/);
  });

  test('a faulty script and a DSL1 script are refused with file, line and column', async () => {
    const faulty = await register({ 'main.nf': 'workflow {\n  channel.of(1, 2 .view()\n}\n' });
    assert.equal(faulty.status, 'FAILED');
    assert.match(faulty.statusMessage!, /^main\.nf:3:1: /);
    const old = await register({ 'main.nf': 'nextflow.enable.dsl = 1\nprintln 1\n' });
    assert.match(old.statusMessage!, /^main\.nf:1:1: DSL1 is not supported/);
  });
});
