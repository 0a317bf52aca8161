import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLocalHost, createSandboxBackend } from '@helicase/runtime';
import { silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { lenientWdlEngine, wdlEngine } from '../index.ts';
import { noBubblewrap } from '../testing/bubblewrap-host.ts';
import { TestRun } from '../testing/run-source.ts';

const skip = noBubblewrap ?? false;

const COPY = `version 1.0
workflow TestFlow {
  input { File input_txt_file }
call TxtFileCopyTask{
  input:
    input_txt_file = input_txt_file,
}
output {
  File output_txt_file = TxtFileCopyTask.output_txt_file
}
}
task TxtFileCopyTask {
  input { File input_txt_file }
  command {
    cat ~{input_txt_file} > outfile.txt
  }
  output { File output_txt_file = "outfile.txt" }
}`;

describe('a run', { skip }, () => {
  for (const name of ['input_txt_file', 'TestFlow.input_txt_file']) {
    test(`of the guide's TestFlow, with ${name}`, async () => {
      using run = new TestRun(COPY, { 's3://bucket/in/hello.txt': 'hello\n' });
      const { outputs, files } = await run.run({ [name]: 's3://bucket/in/hello.txt' });
      const key = 'out/output_txt_file/outfile.txt';
      assert.deepEqual(outputs, { 'TestFlow.output_txt_file': key });
      assert.deepEqual(
        files.map((file) => [file.key, readFileSync(file.path, 'utf8')]),
        [[key, 'hello\n']],
      );
      const [request] = run.host.requests;
      assert.equal(request!.call, 'TestFlow.TxtFileCopyTask');
      assert.deepEqual(request!.source, { file: 'main.wdl', line: 4, column: 1 });
      assert.deepEqual(request!.inputs[0], {
        kind: 'uri',
        uri: 's3://bucket/in/hello.txt',
        target: '/mnt/task/inputs/0/hello.txt',
      });
    });
  }

  test("on the runtime's own local host", async () => {
    using run = new TestRun(COPY, { 's3://b/k': 'there\n' });
    const options = { clock: systemClock, log: silentLog };
    const backend = createSandboxBackend({
      ...options,
      directory: join(run.folder, 'sandbox'),
      groups: () => 'unlimited',
    });
    const directory = join(run.folder, 'local');
    const host = createLocalHost({ ...options, backends: [backend], random: systemRandom, directory });
    const { files } = await wdlEngine.run({
      definition: join(run.folder, 'definition'),
      main: 'main.wdl',
      parameters: { input_txt_file: join(run.folder, 'objects', '0') },
      host,
      runDirectory: directory,
      signal: run.stop.signal,
    });
    assert.equal(readFileSync(files[0]!.path, 'utf8'), 'there\n');
  });

  test('scatters, gathers, and keeps the order', async () => {
    using run = new TestRun(`version 1.0
workflow w {
  scatter (i in range(3)) {
    Int square = i * i
    call t { input: n = square }
    if (i > 0) { Int positive = i }
  }
  output { Array[Int] doubled = t.d Array[File] files = t.f Array[Int?] some = positive }
}
task t {
  input { Int n }
  command <<< echo $((~{n} * 2)) | tee same.txt >>>
  output { Int d = read_int(stdout()) File f = "same.txt" }
}`);
    const { outputs, files } = await run.run();
    assert.deepEqual(outputs['w.doubled'], [0, 2, 8]);
    assert.deepEqual(outputs['w.some'], [null, 1, 2]);
    assert.deepEqual(outputs['w.files'], [
      'out/files/0/same.txt',
      'out/files/1/same.txt',
      'out/files/2/same.txt',
    ]);
    assert.deepEqual(
      files.map(({ path }) => readFileSync(path, 'utf8').trim()),
      ['0', '2', '8'],
    );
    assert.deepEqual(run.host.requests.map(({ call, name }) => `${call} ${name}`).sort(), [
      'w.t[0] t-0',
      'w.t[1] t-1',
      'w.t[2] t-2',
    ]);
  });

  test('starts calls as soon as their inputs are there, side by side', async () => {
    using run = new TestRun(`version 1.0
workflow w {
  call slow as a call slow as b call slow as c
  call after_all { input: x = [a.t, b.t, c.t] }
  output { Int n = after_all.n }
}
task slow { command <<< sleep 0.3; echo 1 >>> output { Int t = read_int(stdout()) } }
task after_all { input { Array[Int] x } command <<< echo ~{sep='+' x} >>> output { Int n = length(x) } }`);
    assert.deepEqual((await run.run()).outputs, { 'w.n': 3 });
    assert.equal(run.host.mostAtOnce, 3);
    assert.equal(run.host.requests.at(-1)!.call, 'w.after_all');
  });

  test('calls workflows of imported files, in folders, inside scatters', async () => {
    using run = new TestRun({
      'main.wdl': `version 1.0
import "sub/inner.wdl" as inner
workflow w {
  scatter (name in ["a", "b"]) { call inner.greet { input: name = name } }
  output { Array[String] said = greet.said }
}`,
      'sub/inner.wdl': `version 1.0
import "../tasks.wdl"
workflow greet {
  input { String name String? title }
  if (defined(title)) { call tasks.say as never { input: text = "x" } }
  call tasks.say { input: text = "hi " + name }
  output { String said = select_first([never.said, say.said]) }
}`,
      'tasks.wdl': `version 1.0
task say { input { String text } command <<< echo "~{text}" >>> output { String said = read_string(stdout()) } }`,
    });
    assert.deepEqual((await run.run()).outputs, { 'w.said': ['hi a', 'hi b'] });
    assert.deepEqual(run.host.requests.map(({ call, name }) => `${call} ${name}`).sort(), [
      'w.greet[0].say greet-0-say',
      'w.greet[1].say greet-1-say',
    ]);
  });
});

describe('files of a task', { skip }, () => {
  test('from one folder share a folder, those of one name from two do not', async () => {
    using run = new TestRun(
      `version 1.0
workflow w { input { File bam File bai File other } call t { input: bam = bam, bai = bai, other = other }
  output { String where = t.where } }
task t { input { File bam File bai File other }
  command <<< echo "~{bam} ~{bai} ~{other}"; cat ~{bam} ~{bai} ~{other} >&2 >>>
  output { String where = read_string(stdout()) } }`,
      { 's3://b/x/a.bam': '1', 's3://b/x/a.bam.bai': '2', 's3://b/y/a.bam': '3' },
    );
    const { outputs } = await run.run({
      bam: 's3://b/x/a.bam',
      bai: 's3://b/x/a.bam.bai',
      other: 's3://b/y/a.bam',
    });
    assert.equal(
      outputs['w.where'],
      '/mnt/task/inputs/0/a.bam /mnt/task/inputs/0/a.bam.bai /mnt/task/inputs/1/a.bam',
    );
  });

  test('of a store are staged under their own names, a read set beside its index', async () => {
    const readSet = 'omics://123456789012.storage.us-east-1.amazonaws.com/1234567890/readSet/1';
    using run = new TestRun(
      `version 1.0
workflow w { input { File bam File bai } call t { input: bam = bam, bai = bai } output { String where = t.where } }
task t { input { File bam File bai }
  command <<< echo "~{bam} ~{bai} ~{basename(bam)}" >>>
  output { String where = read_string(stdout()) } }`,
      { [`${readSet}/source1`]: '1', [`${readSet}/index`]: '2' },
    );
    run.host.names.set(`${readSet}/source1`, 'reads.bam').set(`${readSet}/index`, 'reads.bam.bai');
    const { outputs } = await run.run({ bam: `${readSet}/source1`, bai: `${readSet}/index` });
    assert.equal(
      outputs['w.where'],
      '/mnt/task/inputs/0/reads.bam /mnt/task/inputs/0/reads.bam.bai reads.bam',
    );
  });

  test('globs, optional files, renamed inputs, folders and files that the engine writes', async () => {
    using run = new TestRun(
      `version 1.0
workflow w { input { File reads } call t { input: reads = reads, names = ["n1", "n2"] }
  output { Array[File] parts = t.parts File? missing = t.missing File link = t.link File deep = t.deep Array[String] names = t.read Float kib = t.kib } }
task t { input { File reads Array[String] names }
  Float in_kib = size(reads, "KiB")
  command <<<
    for i in b a; do echo $i > part_$i.txt; done; touch .hidden.txt part.log
    mkdir -p d/e && echo deep > d/e/deep.txt
    ln -s ~{reads} renamed.fq
    cat ~{write_lines(names)}
  >>>
  output { Array[File] parts = glob("part_*.txt") File? missing = "no.txt" File link = "renamed.fq" File deep = "d/e/deep.txt"
    Array[String] read = read_lines(stdout()) Float kib = in_kib } }`,
      { 's3://b/reads.fq': 'x'.repeat(2048) },
    );
    const { outputs, files } = await run.run({ reads: 's3://b/reads.fq' });
    assert.deepEqual(outputs, {
      'w.parts': ['out/parts/0/part_a.txt', 'out/parts/1/part_b.txt'],
      'w.missing': null,
      'w.link': 'out/link/renamed.fq',
      'w.deep': 'out/deep/deep.txt',
      'w.names': ['n1', 'n2'],
      'w.kib': 2,
    });
    const link = files.find(({ key }) => key.includes('renamed'));
    assert.equal(readFileSync(link!.path, 'utf8').length, 2048);
  });

  for (const [what, command, output] of [
    ['a link to a file of the host', 'ln -s /etc/hostname out', '"out"'],
    ['a link through a folder', 'ln -s /etc out', '"out/hostname"'],
    ['a path with dots', 'true', '"../../../etc/hostname"'],
    ['an absolute path that is made up', 'true', '"/etc/" + "hostname"'],
  ] as const) {
    test(`${what} is no output`, async () => {
      const outputs = `output { File f = ${output} }`;
      using run = new TestRun(`version 1.0
workflow w { call t output { File f = t.f } }
task t { command <<< ${command} >>> ${outputs} }`);
      const failure = await run.failure();
      assert.equal(failure.reason, 'RUN_TASK_FAILED');
      assert.match(failure.message, /outside of the task's work directory/);
    });
  }

  test('an absolute path is an output where the task itself sees a file there', async () => {
    using run = new TestRun(`version 1.0
workflow w { call t output { File f = t.f File? none = t.none } }
task t { command <<< exit 0 >>> output { File f = "/usr/bin/env" File? none = "/usr/none" } }`);
    const { outputs, files } = await run.run();
    assert.deepEqual(outputs, { 'w.f': 'out/f/env', 'w.none': null });
    assert.deepEqual(readFileSync(files[0]!.path), readFileSync('/usr/bin/env'));
  });

  test('a file of the definition is staged, one of the host is not', async () => {
    const source = (path: string) => `version 1.0
workflow w { File f = "${path}" call t { input: f = f } output { String s = t.s } }
task t { input { File f } command <<< cat ~{f} >>> output { String s = read_string(stdout()) } }`;
    using run = new TestRun({ 'main.wdl': source('data/table.txt'), 'data/table.txt': 'from the zip\n' });
    assert.deepEqual((await run.run()).outputs, { 'w.s': 'from the zip' });
    using other = new TestRun(source('/etc/hostname'));
    await assert.rejects(other.run(), /hostname/);
  });
});

describe('a failed task', { skip }, () => {
  const failing = (runtime: string, command = 'echo one >&2; echo two >&2; exit 3') => `version 1.0
workflow w {
  call t
  output { Int n = t.n }
}
task t { command <<< ${command} >>> runtime { ${runtime} } output { Int n = 1 } }`;

  test('ends the run, with call, exit code, place and the end of its stderr', async () => {
    using run = new TestRun(failing(''));
    assert.deepEqual(await run.failure(), {
      reason: 'RUN_TASK_FAILED',
      message: 'Task w.t failed with exit code 3.',
      call: 'w.t',
      exitCode: 3,
      logTail: 'one\ntwo',
      source: { file: 'main.wdl', line: 3, column: 3 },
    });
  });

  test('is tried again as often as maxRetries says', async () => {
    using run = new TestRun(failing('maxRetries: 2'));
    assert.equal((await run.failure()).exitCode, 3);
    assert.deepEqual(
      run.host.requests.map(({ call, attempt }) => `${call} ${attempt}`),
      ['w.t 1', 'w.t 2', 'w.t 3'],
    );
  });

  for (const runtime of [
    'returnCodes: 3',
    'returnCodes: [0, 3]',
    'returnCodes: "*"',
    'continueOnReturnCode: true',
  ]) {
    test(`is none with ${runtime}`, async () => {
      using run = new TestRun(failing(runtime));
      assert.deepEqual((await run.run()).outputs, { 'w.n': 1 });
    });
  }

  test('ends what runs beside it', async () => {
    using run = new TestRun(`version 1.0
workflow w { call bad call long }
task bad { command <<< exit 1 >>> }
task long { command <<< sleep 60 >>> }`);
    const start = Date.now();
    assert.equal((await run.failure()).call, 'w.bad');
    assert.ok(Date.now() - start < 20_000);
  });

  test('an output that it did not make is told with its place', async () => {
    using run = new TestRun(`version 1.0
workflow w { call t output { File f = t.f } }
task t { command <<< true >>>
  output { File f = "none.txt" } }`);
    const { message, source } = await run.failure();
    assert.match(message, /did not make the file none.txt/);
    assert.deepEqual(source, { file: 'main.wdl', line: 4, column: 17 });
  });

  test('a run that is cancelled rejects and ends its tasks', async () => {
    using run = new TestRun('version 1.0\nworkflow w { call t }\ntask t { command <<< sleep 60 >>> }');
    const running = run.run();
    setTimeout(() => run.stop.abort(new Error('cancelled')), 300);
    await assert.rejects(running, /cancelled/);
  });
});

test('the runtime section: cpu, memory with units, image, GPUs', { skip }, async () => {
  using run = new TestRun(`version 1.1
workflow w { call a call b call c }
task a { input { Int gib = 4 } command <<< >>> runtime { cpu: 2 memory: "~{gib} GiB" docker: "x/y:1" } }
task b { command <<< >>> runtime { cpu: 0.5 memory: "1.5GB" container: ["first:1", "second:1"] gpu: true } }
task c { command <<< >>> runtime { acceleratorCount: 2 acceleratorType: "nvidia-tesla-t4" memory: 1073741824 } }`);
  await run.run();
  const facts = run.host.requests.map(({ name, image, resources }) => ({ name, image, ...resources }));
  assert.deepEqual(
    facts.sort((x, y) => x.name.localeCompare(y.name)),
    [
      { name: 'a', image: 'x/y:1', cpus: 2, memoryBytes: 4 * 2 ** 30 },
      { name: 'b', image: 'first:1', cpus: 0.5, memoryBytes: 1.5e9, accelerators: { count: 1 } },
      {
        name: 'c',
        image: undefined,
        cpus: 1,
        memoryBytes: 2 ** 30,
        accelerators: { count: 2, type: 'nvidia-tesla-t4' },
      },
    ],
  );
});

test(
  'disks: a place of its own for each that names one, and the sizes of all together as the limit',
  { skip },
  async () => {
    using run = new TestRun(`version 1.1
workflow w { call a call b call c }
task a { command <<< >>> runtime { disks: "/mnt/outputs 10 GiB" } }
task b { command <<< >>> runtime { disks: ["2", "/mnt/outputs 4 GiB", "/mnt/tmp 1"] } }
task c { command <<< >>> runtime { disks: "local-disk 100 HDD, /mnt/cache 3 SSD" } }`);
    await run.run();
    const GIB = 2 ** 30;
    const facts = run.host.requests.map(({ name, volumes, resources }) => [
      name,
      volumes,
      resources.diskBytes! / GIB,
    ]);
    assert.deepEqual(facts.sort(), [
      ['a', ['/mnt/outputs'], 10],
      ['b', ['/mnt/outputs', '/mnt/tmp'], 7],
      ['c', ['/mnt/cache'], 103],
    ]);
  },
);

test('a runtime value that makes no sense has its own reason', async () => {
  using run = new TestRun(
    'version 1.0\nworkflow w { call t }\ntask t { command <<< >>>\nruntime { memory: "much" } }',
  );
  const failure = await run.failure();
  assert.equal(failure.reason, 'INVALID_TASK_RESOURCE_VALUE');
  assert.deepEqual(failure.source, { file: 'main.wdl', line: 4, column: 11 });
});

describe('parameters', () => {
  const SOURCE = `version 1.0
struct Sample { String name File bam Int? depth }
workflow w {
  input { Int n Array[Sample]+ samples Map[String, Float] weights = {"a": 1} Pair[Int, String] p = (1, "x") String? note }
  output { Int m = n Pair[Int, String] q = p Map[String, Float] v = weights Int count = length(samples) }
}`;

  test('of every type are read', async () => {
    using run = new TestRun(SOURCE);
    const samples = [{ name: 'NA12878', bam: 's3://b/a.bam' }];
    const { outputs } = await run.run({
      n: 5,
      samples,
      weights: { x: 2 },
      p: { left: 3, right: 'y' },
      note: null,
    });
    assert.deepEqual(outputs, { 'w.m': 5, 'w.q': { left: 3, right: 'y' }, 'w.v': { x: 2 }, 'w.count': 1 });
  });

  test('that do not fit are all told at once', async () => {
    using run = new TestRun(SOURCE);
    const { message, reason } = await run.failure({
      nn: 1,
      samples: [{ name: 1.5, bam: 7, dept: 3 }],
      weights: { a: 'x' },
      'w.p': [1],
    });
    assert.equal(reason, 'WORKFLOW_RUN_FAILED');
    for (const part of [
      'no input nn. Did you mean n?',
      'required input n of type Int is not given',
      'samples[0].bam must be File, not the number 7',
      'has no member dept. Did you mean depth?',
      'weights["a"] must be Float, not the string "x"',
      'p.right must be String, not null',
    ]) {
      assert.ok(message.includes(part), `${part} in ${message}`);
    }
  });
});

describe('parameters for what lies deeper', { skip }, () => {
  const source = (meta: string) => `version 1.1
workflow w {
  meta { ${meta} }
  scatter (i in [1, 2]) { call t }
  output { Array[String] said = t.said }
}
task t { input { String word } command <<< echo ~{word} >>> runtime { cpu: 1 } output { String said = read_string(stdout()) } }`;

  test('reach the inputs of calls where the workflow allows it, and runtime attributes', async () => {
    using run = new TestRun(source('allowNestedInputs: true'));
    const { outputs } = await run.run({ 'w.t.word': 'deep', 'w.t.runtime.cpu': 3 });
    assert.deepEqual(outputs, { 'w.said': ['deep', 'deep'] });
    assert.deepEqual(
      run.host.requests.map(({ resources }) => resources.cpus),
      [3, 3],
    );
  });

  test('are refused otherwise', async () => {
    using run = new TestRun(source('').replace('call t', 'call t { input: word = "x" }'));
    assert.match((await run.failure({ 'w.t.word': 'deep' })).message, /no input t.word/);
  });
});

test('a file that cannot be read is a failed import', async () => {
  using run = new TestRun(
    'version 1.0\nworkflow w { input { File f } output { String s = read_string(f) } }',
  );
  const failure = await run.failure({ f: 's3://bucket/none' });
  assert.equal(failure.reason, 'IMPORT_FAILED');
  assert.match(failure.message, /s3:\/\/bucket\/none/);
});

describe('many shards', () => {
  test('read their files a few at a time, not all at once', async () => {
    using run = new TestRun(`version 1.0
workflow w { scatter (i in range(5000)) { String s = read_string(write_lines(["same"])) } output { Int n = length(s) } }`);
    assert.deepEqual((await run.run()).outputs, { 'w.n': 5_000 });
  });

  test('are each evaluated with their own variable', async () => {
    using run = new TestRun(`version 1.1
workflow w {
  scatter (i in range(2000)) {
    Int a = i + 1
    String s = "~{prefix}-~{a}"
    if (a % 2 == 0) { Int even = a }
  }
  String prefix = "p"
  output { Int count = length(select_all(even)) String last = s[1999] }
}`);
    assert.deepEqual((await run.run()).outputs, { 'w.count': 1000, 'w.last': 'p-2000' });
  });
});

describe('WDL_LENIENT', { skip }, () => {
  const SOURCE = `version 1.0
workflow w {
  input { Int n Boolean b Array[Float] f }
  call t
  output { String s = "~{n + 1} ~{b} ~{f[0]}" String named = t.named }
}
task t {
  input { String name = "nobody" }
  command { echo ~{name} }
  output { String named = read_string(stdout()) }
}`;
  const PARAMETERS = { 'w.n': '7', 'w.b': 'True', 'w.f': ['1.5'], 'w.t.name': 'somebody' };

  test('takes parameters in quotes and those of calls', async () => {
    using run = new TestRun(SOURCE);
    const { outputs } = await run.run(PARAMETERS, lenientWdlEngine);
    assert.deepEqual(outputs, { 'w.s': '8 true 1.500000', 'w.named': 'somebody' });
  });

  test('is needed for that', async () => {
    using run = new TestRun(SOURCE);
    const { message } = await run.failure(PARAMETERS);
    for (const name of ['n must be Int', 'b must be Boolean', 'f[0] must be Float', 'no input t.name'])
      assert.ok(message.includes(name), message);
  });

  test('refuses a text that is no number all the same', async () => {
    using run = new TestRun(SOURCE);
    await assert.rejects(
      run.run({ ...PARAMETERS, 'w.n': 'seven' }, lenientWdlEngine),
      /n must be Int, not the string "seven"/,
    );
  });
});
