import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiagnosticError } from '../diagnostics/diagnostic.ts';
import type { Expression } from './expression-node.ts';
import { parseDocument } from './document-parser.ts';

const GUIDE = `version 1.0

# Simple demo workflow, copy input file into output file

workflow TestFlow {
  input {
    File input_txt_file
  }

  #copies input file data to output.
call TxtFileCopyTask{
  input:
    input_txt_file = input_txt_file,
}

output {
  File output_txt_file = TxtFileCopyTask.output_txt_file
}

}

#Task Definitions

task TxtFileCopyTask {
  input {
    File input_txt_file
  }

  command {
    cat ~{input_txt_file} > outfile.txt
  }

  output {
    File output_txt_file = "outfile.txt"
  }
}
`;

function expression(source: string, version = '1.1'): Expression {
  const document = parseDocument('main.wdl', `version ${version}\nworkflow w {\nInt x = ${source}\n}`);
  const [node] = document.workflow!.body;
  assert.ok(node?.kind === 'Declaration' && node.value);
  return node.value;
}

/** The expression with every operation in brackets. */
function bracketed(node: Expression): string {
  if (node.kind === 'Binary') return `(${bracketed(node.left)}${node.operator}${bracketed(node.right)})`;
  if (node.kind === 'Unary') return `(${node.operator}${bracketed(node.operand)})`;
  if (node.kind === 'Identifier') return node.name;
  if (node.kind === 'IntLiteral') return String(node.value);
  if (node.kind === 'Member') return `${bracketed(node.object)}.${node.name}`;
  if (node.kind === 'Index') return `${bracketed(node.object)}[${bracketed(node.index)}]`;
  return node.kind;
}

function syntaxError(source: string): string {
  try {
    parseDocument('main.wdl', source);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const { code, position } = error.diagnostic;
    return `${code} ${position.line}:${position.column}`;
  }
  throw new Error('it parsed');
}

describe('documents', () => {
  test("the guide's TestFlow parses, trailing comma included", () => {
    const document = parseDocument('main.wdl', GUIDE);
    assert.equal(document.version, '1.0');
    assert.equal(document.workflow?.name, 'TestFlow');
    const [call] = document.workflow!.body;
    assert.ok(call?.kind === 'Call');
    assert.deepEqual(
      call.inputs.map(({ name }) => name),
      ['input_txt_file'],
    );
    const [task] = document.tasks;
    assert.deepEqual(task!.outputs[0]!.position, {
      file: 'main.wdl',
      line: 34,
      column: 10,
      endLine: 34,
      endColumn: 25,
    });
  });

  test('comments may stand before the version, and a byte order mark too', () => {
    assert.equal(parseDocument('a.wdl', '\uFEFF# licence\n\nversion 1.1\n').version, '1.1');
  });

  test('imports take their namespace from the file, or from as', () => {
    const source = `version 1.0
import "lib/tools.wdl"
import "lib/other.wdl" as o alias A as B alias C as D`;
    const [first, second] = parseDocument('main.wdl', source).imports;
    assert.equal(first!.namespace, 'tools');
    assert.equal(second!.namespace, 'o');
    assert.deepEqual(
      second!.aliases.map(({ from, to }) => `${from}-${to}`),
      ['A-B', 'C-D'],
    );
  });

  test('metadata is JSON with names, and placeholders in it mean themselves', () => {
    const source = `version 1.0
workflow w {
  meta { author: "A" count: 3 ratio: -1.5 nothing: null flags: [true, false] nested: { text: "~{x}", } }
}`;
    assert.deepEqual(parseDocument('main.wdl', source).workflow!.meta, {
      author: 'A',
      count: 3,
      ratio: -1.5,
      nothing: null,
      flags: [true, false],
      nested: { text: '~{x}' },
    });
  });
});

describe('expressions', () => {
  // The specification's operator precedence table.
  for (const [source, expected] of [
    ['a + b * c', '(a+(b*c))'],
    ['a - b - c', '((a-b)-c)'],
    ['!a && b || c', '(((!a)&&b)||c)'],
    ['a == b < c', '(a==(b<c))'],
    ['-a.b[0] % 2', '((-a.b[0])%2)'],
    ['(a + b) * c', '((a+b)*c)'],
    ['a.left.right[1][2]', 'a.left.right[1][2]'],
  ] as const) {
    test(`${source} is ${expected}`, () => assert.equal(bracketed(expression(source)), expected));
  }

  test('numbers: decimal, octal, hexadecimal, with exponents', () => {
    assert.deepEqual(
      ['10', '010', '0xff', '1.5', '.5', '2.', '1e3', '3.141e-2'].map((source) => {
        const node = expression(source);
        return node.kind === 'IntLiteral' || node.kind === 'FloatLiteral' ? node.value : undefined;
      }),
      [10n, 8n, 255n, 1.5, 0.5, 2, 1000, 0.03141],
    );
  });

  test('string escapes of the specification', () => {
    const node = expression(String.raw`"\\ \n \t \' \" \~{x} \${x} \101 \x41 \u00e9 \U0001F600"`);
    assert.ok(node.kind === 'StringTemplate');
    assert.deepEqual(node.parts, ['\\ \n \t \' " ~{x} ${x} A A é 😀']);
  });

  test('a backslash before anything else stays, as patterns rely on', () => {
    const node = expression(String.raw`"\.bam$"`);
    assert.ok(node.kind === 'StringTemplate');
    assert.deepEqual(node.parts, ['\\.bam$']);
  });

  test('strings in placeholders in strings', () => {
    const node = expression(`"~{if b then '~{1 + i}' else "0"}!"`);
    assert.ok(node.kind === 'StringTemplate' && typeof node.parts[0] === 'object');
    assert.equal(node.parts[0].expression.kind, 'IfThenElse');
    assert.equal(node.parts[1], '!');
  });

  test('placeholder options, and sep as a function', () => {
    const node = expression(`"~{sep=', ' a}~{true='y' false="n" b}~{default='d' c}~{sep(',', d)}"`);
    assert.ok(node.kind === 'StringTemplate');
    const options = node.parts.map((part) => (typeof part === 'string' ? part : part.options));
    assert.deepEqual(options, [{ sep: ', ' }, { true: 'y', false: 'n' }, { default: 'd' }, {}]);
  });

  test('every literal', () => {
    const sources = [
      '[1, 2,]',
      '{"a": 1}',
      'object { a: 1 }',
      'S { a: 1, b: "x" }',
      '(1, 2)',
      'None',
      'true',
    ];
    assert.deepEqual(
      sources.map((source) => expression(source).kind),
      [
        'ArrayLiteral',
        'MapLiteral',
        'ObjectLiteral',
        'ObjectLiteral',
        'PairLiteral',
        'NoneLiteral',
        'BooleanLiteral',
      ],
    );
  });
});

describe('commands', () => {
  function command(source: string) {
    return parseDocument('main.wdl', `version 1.0\ntask t {\n${source}\n}`).tasks[0]!.command;
  }

  test('in braces both placeholder styles count, in angle brackets only the tilde', () => {
    const braces = command('command { a ${b} ~{c} $d }').parts.filter((part) => typeof part !== 'string');
    assert.equal(braces.length, 2);
    const heredoc = command('command <<< a ${b} ~{c} $d } >>>').parts;
    assert.deepEqual(
      heredoc.map((part) => (typeof part === 'string' ? part : 'placeholder')),
      ['a ${b} ', 'placeholder', ' $d } '],
    );
  });

  test("common leading whitespace goes, as in the specification's example", () => {
    const { parts } = command(`  command<<<
  python <<CODE
    with open("~{infile}") as fp:
      for line in fp:
  CODE
  >>>`);
    assert.equal(
      parts.map((part) => (typeof part === 'string' ? part : 'F')).join(''),
      'python <<CODE\n  with open("F") as fp:\n    for line in fp:\nCODE\n',
    );
  });

  test('a mix of tabs and spaces is left alone', () => {
    const { parts, mixedIndentation } = command('command <<<\n\ta\n  b\n>>>');
    assert.equal(parts.join(''), '\ta\n  b\n');
    assert.equal(mixedIndentation, true);
  });
});

describe('syntax errors say where', () => {
  for (const [what, source, expected] of [
    ['no version', 'task t { command {} }', 'VersionMissing 1:1'],
    ['an unknown version', 'version 3.0', 'VersionUnsupported 1:1'],
    ['a missing bracket', 'version 1.0\nworkflow w {\n  Int x = (1 + 2\n}', 'UnexpectedToken 4:1'],
    ['a string over two lines', 'version 1.0\nworkflow w { String s = "a\n" }', 'UnterminatedString 2:25'],
    ['a command without end', 'version 1.0\ntask t { command <<< }', 'UnterminatedCommand 2:18'],
    ['a reserved name', 'version 1.0\nworkflow w { Int input = 1 }', 'ReservedWord 2:18'],
    ['a second workflow', 'version 1.0\nworkflow a {}\nworkflow b {}', 'SecondWorkflow 3:1'],
    ['a task without command', 'version 1.0\ntask t { }', 'CommandMissing 2:6'],
    ['two input sections', 'version 1.0\nworkflow w { input {} input {} }', 'DuplicateSection 2:23'],
    ['an output without value', 'version 1.0\nworkflow w { output { Int x } }', 'OutputWithoutValue 2:27'],
    ['a struct literal in 1.0', 'version 1.0\nworkflow w { Int x = S { a: 1 } }', 'NeedsVersion 2:22'],
    ['the short call input in 1.0', 'version 1.0\nworkflow w { call t { input: a } }', 'NeedsVersion 2:30'],
    ['a character of no language', 'version 1.0\nworkflow w { Int x = § }', 'UnexpectedCharacter 2:22'],
    [
      'an Int of more than 64 bits',
      'version 1.0\nworkflow w { Int x = 9223372036854775809 }',
      'InvalidNumber 2:22',
    ],
  ] as const) {
    test(what, () => assert.equal(syntaxError(source), expected));
  }

  test('nesting without end is refused, not followed', () => {
    const deep = `version 1.0\nworkflow w { Int x = ${'('.repeat(100_000)}1`;
    assert.match(syntaxError(deep), /^NestedTooDeep/);
    const long = `version 1.0\nworkflow w { Int x = 1${' + 1'.repeat(100_000)} }`;
    assert.match(syntaxError(long), /^NestedTooDeep/);
  });
});

test('a large file parses in time that grows with its length', () => {
  const task = (n: number) =>
    `task t${n} { input { File a } command <<<\n  cat ~{a}\n>>> output { File b = "b" } }\n`;
  const source = `version 1.0\n${Array.from({ length: 5000 }, (_, n) => task(n)).join('')}`;
  const start = performance.now();
  assert.equal(parseDocument('main.wdl', source).tasks.length, 5000);
  assert.ok(performance.now() - start < 5000);
});
