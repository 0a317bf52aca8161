import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../diagnostics/excerpt.ts';
import { checkSources, findings } from '../testing/run-source.ts';

const TASK = `task t {
  input { Int a String b = "x" File? c }
  command <<< echo ~{a} ~{b} ~{c} >>>
  output { File out = "o" Int n = 1 }
}`;

/** Findings of a workflow body; the body's first line is line 1. */
async function inWorkflow(body: string, version = '1.1', lenient = false): Promise<string[]> {
  const found = await findings(`version ${version} workflow w {\n${body}\n}\n${TASK}`, lenient);
  return found.map((text) => text.replace(/ (\d+):/, (_whole, line: string) => ` ${Number(line) - 1}:`));
}

describe('what is right passes', () => {
  for (const [what, body] of [
    ['names before they are declared', 'Int x = y\nInt y = 1'],
    [
      'outputs of a scatter as an array',
      'scatter (i in [1]) { call t { input: a = i } }\noutput { Array[File] f = t.out }',
    ],
    [
      'outputs of a conditional as an optional',
      'if (true) { call t { input: a = 1 } }\noutput { File? f = t.out }',
    ],
    [
      'both, one in the other',
      'scatter (i in [1]) { if (i > 0) { Int x = i } }\noutput { Array[Int?] f = x }',
    ],
    [
      'the same scatter variable twice',
      'scatter (i in [1]) { Int x = i } scatter (i in [2]) { Int y = i }\noutput { Array[Int] z = flatten([x, y]) }',
    ],
    [
      'a default behind an undefined input',
      'input { String? s }\ncall t { input: a = 1, b = s }\noutput { Int n = t.n }',
    ],
    ['Int where Float is needed', 'output { Float f = 1 }'],
    ['String where File is needed', 'output { File f = "a" }'],
    ['map literal as struct', 'output { Map[String, Array[Int]] m = { "a": [1], "b": [] } }'],
    ['None in an array', 'output { Array[Int?] a = [1, None] }'],
    ['read_json as anything', 'output { Map[String, Int] m = read_json("a") }'],
    ['member of a pair', 'output { Int x = (1, "a").left }'],
    ['optional in a placeholder sum', 'input { Int? m }\noutput { String s = "~{"-m " + m}" }'],
    ['comparison with undefined', 'input { Int? m }\noutput { Boolean b = m == None || m == 3 }'],
  ] as const) {
    test(what, async () => assert.deepEqual(await inWorkflow(body), []));
  }
});

describe('what is wrong is found where it is', () => {
  for (const [body, expected] of [
    ['output { Int x = "a" + 1.5 }', []],
    ['output { Int x = 1.5 }', ['TypeMismatch 1:18']],
    ['output { Int x = yy }', ['UnknownName 1:18']],
    ['input { Int? m }\noutput { Int x = m }', ['TypeMismatch 2:18']],
    ['input { Int? m }\noutput { Int x = m + 1 }', ['OperandTypes 2:18']],
    ['output { Boolean x = 1 && true }', ['OperandTypes 1:22']],
    ['output { Boolean x = [1] < [2] }', ['OperandTypes 1:22']],
    ['output { Array[Int] x = [1, (1, 2)] }', ['MixedTypes 1:25']],
    ['output { Array[Int]+ x = [] }', ['TypeMismatch 1:26']],
    ['output { Int x = length(1) }', ['ArgumentType 1:25']],
    ['output { Int x = length() }', ['ArgumentCount 1:18']],
    ['output { Int x = lenght([]) }', ['UnknownFunction 1:18']],
    ['output { File x = stdout() }', ['FunctionOnlyInOutputs 1:19']],
    ['output { String x = "~{[1]}" }', ['NotInterpolable 1:24']],
    ['output { Int x = 5[0] }', ['NotIndexable 1:18']],
    ['output { Int x = "hello" }', ['TypeMismatch 1:18']],
    ['output { Int x = "5" }', []],
    ['output { Boolean x = "true" }', ['TypeMismatch 1:22']],
    ['input { Int i }\noutput { Int x = i.a }', ['NotStructured 2:18']],
    ['output { Foo x = 1 }', ['UnknownType 1:10']],
    ['output { Array x = 1 }', ['TypeParameters 1:10']],
    ['output { Int+ x = 1 }', ['NonEmptyQuantifier 1:10']],
    ['output { Map[Array[Int], Int] x = {} }', ['MapKey 1:14']],
    ['Int x = 1\nInt x = 2\noutput { Int y = x }', ['DuplicateName 2:5']],
    ['Int x = y\nInt y = x\noutput { Int z = x }', ['Cycle 1:5']],
    ['scatter (i in j) { Int k = i }\nArray[Int] j = k\noutput { Array[Int] z = k }', ['Cycle 1:24']],
    ['scatter (i in 5) { Int k = i }\noutput { Array[Int] z = k }', ['ScatterType 1:15']],
    ['if (5) { Int k = 1 }\noutput { Int? z = k }', ['ConditionType 1:5']],
    ['call u', ['UnknownCallee 1:1']],
    ['call w', ['CallOfItself 1:1']],
    ['call t', ['MissingCallInput 1:1']],
    ['call t { input: a = 1, z = 2 }', ['UnknownCallInput 1:24']],
    ['call t { input: a = 1, a = 2 }', ['DuplicateCallInput 1:24']],
    ['call t { input: a = "x" + [1] }', ['OperandTypes 1:21']],
    ['call t { input: a = 1 }\noutput { Int x = t }', ['CallAsValue 2:18']],
    ['call t { input: a = 1 }\noutput { Int x = t.m }', ['UnknownMember 2:18']],
    ['call t after u { input: a = 1 }', ['UnknownAfter 1:14']],
  ] as const) {
    const name = body.replaceAll('\n', ' ; ');
    test(`${name} -> ${expected.join(', ') || 'nothing'}`, async () => {
      const errors = (await inWorkflow(body)).filter((text) => !text.startsWith('Unused'));
      assert.deepEqual(errors, expected);
    });
  }

  test('functions and clauses of 1.1 are refused in 1.0', async () => {
    assert.deepEqual(await inWorkflow('output { String s = sep(",", ["a"]) }', '1.0'), [
      'FunctionVersion 1:21',
    ]);
    assert.deepEqual(await inWorkflow('call t after t { input: a = 1 }', '1.0'), ['NeedsVersion 1:8']);
  });

  test('all errors are told, not only the first', async () => {
    const found = await inWorkflow('output { Int a = "x" + [1]\nInt b = unknown\nInt c = floor([1]) }');
    assert.equal(found.length, 3);
  });

  test('lenient accepts an optional where a value is needed, with a warning', async () => {
    const body = 'input { Int? m }\noutput { Int x = m }';
    assert.deepEqual(await inWorkflow(body, '1.1', true), ['OptionalCoercion 2:18']);
  });
});

describe('warnings', () => {
  test('what nothing uses', async () => {
    const found = await inWorkflow('Int x = 1\ncall t { input: a = 1 }\noutput { Int z = 1 }');
    assert.deepEqual(found, ['UnusedDeclaration 1:5', 'UnusedCallOutputs 2:1']);
  });

  test('an import that nothing uses', async () => {
    const sources = {
      'main.wdl': 'version 1.0\nimport "lib.wdl"\nworkflow w {}',
      'lib.wdl': `version 1.0\n${TASK}`,
    };
    assert.deepEqual(await findings(sources), ['UnusedImport 2:1']);
  });
});

describe('imports', () => {
  const main = (imports: string, body = '') => `version 1.0\n${imports}\nworkflow w {\n${body}\n}`;

  test('are found beside the importing file, in folders and above it, inside the definition', async () => {
    const sources = {
      'main.wdl': main('import "sub/a.wdl" as a', 'call a.inner'),
      'sub/a.wdl': 'version 1.0\nimport "../lib/b.wdl" as b\nworkflow inner { call b.t { input: a = 1 } }',
      'lib/b.wdl': `version 1.0\n${TASK}`,
    };
    assert.deepEqual(await findings(sources), []);
  });

  test('that are missing, remote, outside or in a circle are refused', async () => {
    assert.deepEqual(await findings(main('import "no.wdl"')), ['ImportNotFound 2:1']);
    assert.deepEqual(await findings(main('import "https://example.org/a.wdl"')), ['ImportRemote 2:1']);
    assert.deepEqual(await findings(main('import "../../etc/a.wdl"')), ['ImportRemote 2:1']);
    const circle = { 'main.wdl': main('import "b.wdl"'), 'b.wdl': 'version 1.0\nimport "main.wdl"' };
    assert.ok((await findings(circle)).includes('ImportCycle 2:1'));
  });

  test('an error in an imported file is told with that file', async () => {
    const sources = { 'main.wdl': main('import "b.wdl"'), 'b.wdl': 'version 1.0\ntask {' };
    const { diagnostics } = await checkSources(sources);
    assert.deepEqual(
      diagnostics.map(({ code, position }) => `${code} ${position.file}:${position.line}`),
      ['UnexpectedToken b.wdl:2', 'ImportFaulty main.wdl:2'],
    );
  });

  test('bring structs, under an alias where two differ', async () => {
    const lib = 'version 1.0\nstruct S { String other }';
    const own = 'struct S { Int a }\n';
    const clash = {
      'main.wdl': own.replace(/^/, 'version 1.0\nimport "lib.wdl"\n') + 'workflow w {}',
      'lib.wdl': lib,
    };
    assert.deepEqual(await findings(clash), ['StructConflict 3:8']);
    const aliased = {
      'main.wdl': `version 1.1\nimport "lib.wdl" alias S as T\n${own}workflow w { output { S s = S { a: 1 } T t = T { other: "x" } } }`,
      'lib.wdl': lib,
    };
    assert.deepEqual(await findings(aliased), []);
  });
});

describe('structs', () => {
  test('may be used before they are defined, but not contain themselves', async () => {
    assert.deepEqual(await findings('version 1.0\nstruct A { B b }\nstruct B { Int x }\nworkflow w {}'), []);
    const found = await findings('version 1.0\nstruct A { B b }\nstruct B { A a }\nworkflow w {}');
    assert.deepEqual(found, ['StructCycle 2:8', 'UnknownType 3:12']);
  });

  test('literals need their members and no others', async () => {
    const source = 'version 1.1\nstruct S { Int a String? b }\nworkflow w { output { S s = S { c: 1 } } }';
    assert.deepEqual(await findings(source), ['StructMember 3:29', 'UnknownMember 3:33']);
  });
});

describe('tasks', () => {
  test('a name in a comment of the command is still a name (bash_comment_fail of the specification)', async () => {
    const source = 'version 1.1\nworkflow w {}\ntask t {\n  command <<<\n  # "~{greeting} John!"\n  >>>\n}';
    assert.deepEqual(await findings(source), ['UnknownName 5:8']);
  });

  test('private declarations are neither inputs nor outputs (private_declaration_fail)', async () => {
    const source = `version 1.1
task test { input { Int i } String s = "hello" command <<< ~{i} ~{s} >>> output { Int o = 1 } }
workflow w { call test { input: i = 1, s = "x" } output { String s2 = test.s } }`;
    assert.deepEqual(await findings(source), ['UnknownCallInput 3:40', 'UnknownMember 3:71']);
  });

  test('values that depend on each other in a circle', async () => {
    assert.deepEqual(
      await findings('version 1.0\nworkflow w {}\ntask t {\nInt a = b\nInt b = a\ncommand {}\n}'),
      ['Cycle 4:5'],
    );
  });
});

test("the template's facts: names, types, optional, defaults, descriptions", async () => {
  const { workflow, inputs, diagnostics } = await checkSources(`version 1.0
workflow W {
  input {
    Array[File]+ reads
    String name = "x"
    Int? depth
    Float ratio = 1.5
    String computed = name + "y"
  }
  parameter_meta {
    reads: "The reads."
    depth: { help: "How deep." }
  }
}`);
  assert.deepEqual(diagnostics, []);
  assert.equal(workflow, 'W');
  assert.deepEqual(inputs, [
    { name: 'reads', type: 'Array[File]+', optional: false, description: 'The reads.' },
    { name: 'name', type: 'String', optional: true, default: 'x' },
    { name: 'depth', type: 'Int?', optional: true, description: 'How deep.' },
    { name: 'ratio', type: 'Float', optional: true, default: 1.5 },
    { name: 'computed', type: 'String', optional: true },
  ]);
});

test('a diagnostic shows its line with a caret', async () => {
  const { diagnostics } = await checkSources('version 1.0\nworkflow w {\n\toutput { Int x = "a" == 1.5 }\n}');
  assert.deepEqual(diagnostics.map(formatDiagnostic), [
    'main.wdl:3:19: error: Expected Int, found Boolean.\n' +
      '    \toutput { Int x = "a" == 1.5 }\n' +
      '    \t                 ^^^^^^^^^^',
  ]);
});

test('a task and the workflow of a document have different names', async () => {
  const source = 'version 1.0\nworkflow a {}\ntask a { command {} }';
  assert.deepEqual(await findings(source), ['DuplicateName 2:10']);
  assert.deepEqual(await findings(source, true), []);
});

test('a file that is not there, or has no workflow', async () => {
  assert.deepEqual(await findings({ 'other.wdl': '' }), ['FileNotFound 1:1']);
  assert.deepEqual(await findings(`version 1.0\n${TASK}`), ['NoWorkflow 1:1']);
});
