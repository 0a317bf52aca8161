import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findings, TestRun } from '../testing/run-source.ts';
import { noBubblewrap } from '../testing/bubblewrap-host.ts';

/** The value of an expression in WDL 1.2, given the type to declare it as. */
async function valueOf(type: string, expression: string, before = ''): Promise<unknown> {
  using run = new TestRun(`version 1.2\nworkflow w {\n${before}\noutput { ${type} x = ${expression} }\n}`);
  return (await run.run()).outputs['w.x'];
}

/** Examples of the 1.2 specification's standard library, and what its text says beyond them. */
const LIBRARY: readonly (readonly [type: string, expression: string, expected: unknown])[] = [
  ['String?', 'find("hello world", "e..o")', 'ello'],
  ['String?', 'find("hello world", "goodbye")', null],
  ['Boolean', String.raw`matches("sample1234_R1.fastq", "\\.(gz|zip|zstd)")`, false],
  ['Boolean', 'matches("sample1234_R1.fastq", "_R1")', true],
  ['Boolean', 'contains(["hello", "goodbye"], "hello")', true],
  ['Boolean', 'contains([1, 2], 3)', false],
  ['Array[Array[Int]]', 'chunk([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
  ['Array[Array[Int]]', 'chunk([], 3)', []],
  ['Array[Int]', 'values({"a": 1, "b": 2})', [1, 2]],
  ['Boolean', 'contains_key({"a": 1, "b": 2}, "a")', true],
  ['Boolean', 'contains_key({"a": 1, "b": 2}, "c")', false],
  ['Boolean', 'contains_key({"a": {"b": 1}}, ["a", "b"])', true],
  ['Array[String]', 'keys(object { a: 1, b: 2 })', ['a', 'b']],
  ['Int', 'length("hello")', 5],
  ['Int', 'length({"a": 1, "b": 2})', 2],
  ['Int', 'select_first([None, None], 5)', 5],
  ['String', 'join_paths(["/usr", "bin", "echo"])', '/usr/bin/echo'],
  ['String', 'join_paths("/usr", ["bin", "echo"])', '/usr/bin/echo'],
  ['Int', '2 ** 10', 1024],
  ['Float', '2 ** 0.5', Math.SQRT2],
  ['Int', '2 ** 3 ** 2', 64], // "left-to-right"
  ['Array[Object]', 'read_tsv(write_lines(["a\\tb", "1\\t2"]), true)', [{ a: '1', b: '2' }]],
  ['Array[Object]', 'read_tsv(write_lines(["1\\t2"]), false, ["x", "y"])', [{ x: '1', y: '2' }]],
  ['String', 'read_string(write_tsv([["1", "2"]], true, ["x", "y"]))', 'x\ty\n1\t2'],
  ['Float', 'size([(1, write_lines(["abc"]))])', 4],
];

describe('standard library of 1.2', () => {
  for (const [type, expression, expected] of LIBRARY) {
    test(expression, async () => assert.deepEqual(await valueOf(type, expression), expected));
  }

  test('is refused in older documents, with the version that has it', async () => {
    const source = (version: string) =>
      `version ${version}\nworkflow w { output { Boolean x = contains([1], 1) } }`;
    assert.deepEqual(await findings(source('1.1')), ['FunctionVersion 2:35']);
    assert.deepEqual(await findings(source('1.2')), []);
  });

  for (const [what, expression, message] of [
    ['chunks of nothing', 'chunk([1], 0)', /chunk\(\) needs a size above 0/],
    ['a second absolute path', 'join_paths(["/a", "/b"])', /only the first path/],
    ['an Int beyond 64 bits', '10 ** 40', /does not fit into an Int/],
    ['a negative power of an Int', '2 ** -1', /negative power/],
  ] as const) {
    test(`refuses ${what}`, async () => {
      await assert.rejects(
        valueOf(
          'String',
          `"~{length(["~{${expression.startsWith('chunk') ? `length(${expression})` : expression}}"])}"`,
        ),
        message,
      );
    });
  }
});

describe('strings over several lines', () => {
  for (const [what, source, expected] of [
    ['lose the indentation that all lines share', '<<<\n      this\n        is\n    >>>', 'this\n  is'],
    ['go on behind a backslash', '<<<\n      hello \\\n        world\n    >>>', 'hello world'],
    ['keep two backslashes as one', '<<<\n    hello \\\\\n      world\n    >>>', 'hello \\\n  world'],
    ['take quotes as they are', '<<< "a" and \'b\' >>>', '"a" and \'b\''],
    ['fill placeholders after that', '<<<\n      ~{"  x"}\n      y >>>', '  x\ny'],
    ['may hold their own closing bracket', String.raw`<<<a \>>> b>>>`, 'a >>> b'],
  ] as const) {
    test(what, async () => assert.equal(await valueOf('String', source), expected));
  }
});

const TASK = `version 1.2
struct Sample {
  meta { description: "a sample" }
  String id
  Int lanes
}
task t {
  input {
    env String greeting
    Array[Int] numbers = [1, 2]
    Directory? folder
  }
  env Int count = length(numbers)
  meta { purpose: "to test" }
  command <<<
    echo "$greeting $count ~{task.name} ~{task.cpu} ~{task.attempt} ~{task.meta.purpose}"
    mkdir made && echo inside > made/file.txt
    exit 3
  >>>
  requirements { cpu: 1 memory: "64 MiB" container: ["*", "ubuntu:latest"] return_codes: [3] max_retries: 1 }
  hints {
    short_task: true
    inputs: input { folder: hints { localization_optional: true } }
  }
  output { String said = read_string(stdout()) Directory made = "made" Int? code = task.return_code }
}
workflow w {
  input { String greeting }
  call t { greeting }
  Sample sample = Sample { id: "s", lanes: 2 }
  output { String said = t.said Directory made = t.made Int? code = t.code Float bytes = size(t.made) }
  hints { allow_nested_inputs: true }
}`;

describe('tasks of 1.2', { skip: noBubblewrap }, () => {
  test('have env, task, requirements, hints and directories', async () => {
    using run = new TestRun(TASK);
    const { outputs } = await run.run({ greeting: "it's" });
    assert.deepEqual(outputs, {
      'w.said': "it's 2 t 1.000000 0 to test",
      'w.made': 'out/made/made',
      'w.code': 3,
      'w.bytes': 7,
    });
    assert.equal(run.host.requests[0]!.image, undefined);
    assert.deepEqual(run.host.requests[0]!.environment, { greeting: "it's", count: '2' });
  });

  test('take nested inputs and requirements from the parameters', async () => {
    using run = new TestRun(TASK);
    const { outputs } = await run.run({
      ...{ greeting: 'hi', 'w.t.numbers': [1, 2, 3], 'w.t.requirements.cpu': 2 },
    });
    assert.match(String(outputs['w.said']), /^hi 3 t 2\.000000/);
  });

  test('refuse a nested input that the call gives itself, and one that there is not', async () => {
    using run = new TestRun(TASK);
    const failure = await run.failure({ greeting: 'hi', 'w.t.greeting': 'no', 'w.t.number': 1 });
    assert.match(failure.message, /t\.greeting cannot be given: the call gives it itself/);
    assert.match(failure.message, /task t has no number\. Did you mean numbers\?/);
  });

  test('ignore nested inputs, with a warning, where the author forbids them', async () => {
    using run = new TestRun(TASK.replace('allow_nested_inputs: true', 'allow_nested_inputs: false'));
    const { outputs } = await run.run({ greeting: 'hi', 'w.t.numbers': [1, 2, 3] });
    assert.match(String(outputs['w.said']), /^hi 2/);
    assert.ok(run.host.messages.some((message) => message.includes('t.numbers is ignored')));
  });

  test('cannot have runtime beside requirements, or requirements of their own making', async () => {
    const both = TASK.replace('  hints {\n    short', '  runtime { cpu: 1 }\n  hints {\n    short');
    assert.deepEqual(await findings(both), ['RuntimeAndRequirements 7:6']);
    assert.deepEqual(await findings(TASK.replace('max_retries: 1', 'retries: 1')), [
      'UnknownRequirement 20:94',
    ]);
  });

  test('say where a directory is a file', async () => {
    using run = new TestRun(`version 1.2
task t { command <<< touch a >>> output { Directory d = "a" } }
workflow w { call t }`);
    assert.match((await run.failure()).message, /a is a file, but declared as Directory/);
  });
});
