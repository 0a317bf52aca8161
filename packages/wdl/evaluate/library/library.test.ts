import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { library } from '../../check/library.ts';
import { TestRun, valueOf } from '../../testing/run-source.ts';
import { functions } from './index.ts';

/** Type, expression and value, from the examples and definitions of the WDL 1.1 specification. */
type Case = readonly [type: string, expression: string, expected: unknown];

function cases(name: string, list: readonly Case[]): void {
  describe(name, () => {
    for (const [type, expression, expected] of list) {
      test(expression, async () => assert.deepEqual(await valueOf(type, expression), expected));
    }
  });
}

test('every function that the checker knows has a body, and every body a signature', () => {
  assert.deepEqual([...functions.keys()].sort(), [...library.keys()].sort());
});

cases('numbers', [
  ['Int', 'floor(1.99)', 1],
  ['Int', 'floor(-1.5)', -2],
  ['Int', 'ceil(1.01)', 2],
  ['Int', 'ceil(3)', 3],
  ['Int', 'round(2.49)', 2],
  ['Int', 'round(2.5)', 3],
  ['Int', 'min(1, 2)', 1],
  ['Float', 'min(1, 2.0)', 1],
  ['Float', 'max(1, 2.5)', 2.5],
  ['String', '"~{max(3, 2.5)}"', '3.000000'],
]);

cases('sub', [
  [
    'String',
    String.raw`sub("I like chocolate when\nit's late", "like", "love")`,
    "I love chocolate when\nit's late",
  ],
  [
    'String',
    String.raw`sub("I like chocolate when\nit's late", "late", "early")`,
    "I like chocoearly when\nit's early",
  ],
  [
    'String',
    String.raw`sub("I like chocolate when\nit's late", "late$", "early")`,
    "I like chocolate when\nit's early",
  ],
  [
    'String',
    String.raw`sub("I like chocolate when\nit's late", "[^ ]late", "early")`,
    "I like chocearly when\nit's late",
  ],
  [
    'String',
    String.raw`sub("I like chocolate when\nit's late", "\\n", " ")`,
    "I like chocolate when it's late",
  ],
  ['String', 'sub("like it", "[[:alpha:]]{4}", "4444")', '4444 it'],
  ['String', 'sub("a1_b2", "[[:digit:]_]", "")', 'ab'],
  ['String', String.raw`sub("x.bam", "\.bam$", ".bai")`, 'x.bai'],
  ['String', String.raw`sub("x.bam", "\\.bam$", "$&")`, 'x$&'],
  ['String', String.raw`sub("a-b", "(.)-(.)", "\\2-\\1")`, 'b-a'],
]);

cases('strings', [
  ['String', 'basename("/path/to/file.txt")', 'file.txt'],
  ['String', 'basename("/path/to/file.txt", ".txt")', 'file'],
  ['String', 'basename("s3://bucket/a/b.bam", ".cram")', 'b.bam'],
  ['Array[String]', 'prefix("-f ", [1, 2, 3])', ['-f 1', '-f 2', '-f 3']],
  ['Array[String]', 'suffix(".0", [1, 2])', ['1.0', '2.0']],
  ['Array[String]', 'quote(["a", "b"])', ['"a"', '"b"']],
  ['Array[String]', 'squote([1, 2])', ["'1'", "'2'"]],
  ['String', 'sep(" ", prefix("-i ", ["a", "b"]))', '-i a -i b'],
  ['String', 'sep(",", [])', ''],
]);

cases('collections', [
  ['Int', 'length([1, 2, 3])', 3],
  ['Int', 'length([])', 0],
  ['Array[Int]', 'range(3)', [0, 1, 2]],
  ['Array[Int]', 'range(0)', []],
  [
    'Array[Array[Int]]',
    'transpose([[0, 1, 2], [3, 4, 5]])',
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  ],
  [
    'Array[Pair[Int, String]]',
    'zip([1, 2], ["a", "b"])',
    [
      { left: 1, right: 'a' },
      { left: 2, right: 'b' },
    ],
  ],
  ['Int', 'length(cross([1, 2], ["a", "b", "c"]))', 6],
  ['String', 'cross([1, 2], ["a", "b"])[1].right', 'b'],
  ['Array[Int]', 'unzip([(1, "a"), (2, "b")]).left', [1, 2]],
  ['Array[Int]', 'flatten([[1, 2], [], [3]])', [1, 2, 3]],
  ['Int', 'select_first([None, 5, 6])', 5],
  ['Array[Int]', 'select_all([1, None, 3])', [1, 3]],
  [
    'Array[Pair[String, Int]]',
    'as_pairs({"b": 2, "a": 1})',
    [
      { left: 'b', right: 2 },
      { left: 'a', right: 1 },
    ],
  ],
  ['Map[String, Int]', 'as_map([("a", 1), ("b", 2)])', { a: 1, b: 2 }],
  ['Array[String]', 'keys({"z": 1, "y": 2})', ['z', 'y']],
  ['Map[String, Array[Int]]', 'collect_by_key([("a", 1), ("b", 2), ("a", 3)])', { a: [1, 3], b: [2] }],
  ['Boolean', 'defined(None)', false],
]);

describe('what has no answer fails, and says where', () => {
  for (const [expression, expected] of [
    ['range(-1)', /not negative/],
    ['select_first([])', /nothing that is defined/],
    ['zip([1], [1, 2])', /equal length/],
    ['transpose([[1], [1, 2]])', /equal length/],
    ['as_map([("a", 1), ("a", 2)])', /same key twice/],
    ['[1][1]', /Index 1 is outside/],
    ['{"a": 1}["b"]', /no key "b"/],
    ['1 / 0', /Division by zero/],
    ['9223372036854775807 + 1', /does not fit into an Int/],
    ['sub("a", "(", "b")', /not a regular expression/],
  ] as const) {
    test(expression, async () => {
      using run = new TestRun(
        `version 1.1\nworkflow w { output { String x = "~{defined(${expression})}" } }`,
      );
      const failure = await run.failure();
      assert.match(failure.message, expected);
      assert.equal(failure.source?.line, 2);
    });
  }
});

describe('files written and read back', () => {
  for (const [type, expression, expected] of [
    ['Array[String]', 'read_lines(write_lines(["a", "b c"]))', ['a', 'b c']],
    ['Array[Int]', 'read_lines(write_lines(["1", "2"]))', [1, 2]],
    [
      'Array[Array[String]]',
      'read_tsv(write_tsv([["a", "b"], ["c", "d"]]))',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['Map[String, Int]', 'read_map(write_map({"a": "1", "b": "2"}))', { a: 1, b: 2 }],
    ['Map[String, Int]', 'read_json(write_json({"a": 1}))', { a: 1 }],
    [
      'Array[Map[String, String]]',
      'read_objects(write_objects([object { a: 1, b: "x" }]))',
      [{ a: '1', b: 'x' }],
    ],
    ['Map[String, String]', 'read_object(write_object(object { a: 1 }))', { a: '1' }],
    ['Int', 'read_int(write_lines(["42"]))', 42],
    ['Float', 'read_float(write_lines(["1.5"]))', 1.5],
    ['Boolean', 'read_boolean(write_lines(["TRUE"]))', true],
    ['String', 'read_string(write_lines(["a", "b"]))', 'a\nb'],
    ['Float', 'size(write_lines(["abc"]))', 4],
    ['Float', 'size([write_lines(["abc"]), None], "KiB")', 4 / 1024],
  ] as const) {
    test(expression, async () => assert.deepEqual(await valueOf(type, expression), expected));
  }

  test('a Pair has no JSON', async () => {
    using run = new TestRun('version 1.1\nworkflow w { output { File f = write_json((1, 2)) } }');
    assert.match((await run.failure()).message, /Pair cannot be written as JSON/);
  });
});
