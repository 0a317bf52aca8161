import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TestRun, valueOf } from '../testing/run-source.ts';

/** Type, expression, value: from the tables and examples of the WDL 1.1 specification. */
const CASES = {
  operators: [
    ['Int', '7 / 2', 3],
    ['Int', '-7 / 2', -3],
    ['Int', '-7 % 3', -1],
    ['Float', '1 / 2.0', 0.5],
    ['Float', '7.5 % 2', 1.5],
    ['Int', '2 + 3 * 4', 14],
    ['Boolean', 'true > false', true],
    ['Boolean', '"a" < "b"', true],
    ['Boolean', '1 == 1.0', true],
    ['Boolean', 'true == "true"', true],
    ['Boolean', 'false && read_boolean("/nowhere")', false],
    ['Boolean', 'true || read_boolean("/nowhere")', true],
    ['Int', 'if 1 > 2 then 1 else 2', 2],
    ['String', '"~{9223372036854775807}"', '9223372036854775807'],
    ['Boolean', '9223372036854775807 - 1 == 9223372036854775806', true],
  ],
  'equality of compound types': [
    ['Boolean', '[1, 2, 3] == [1, 2, 3]', true],
    ['Boolean', '[1, 2, 3] == [2, 1, 3]', false],
    ['Boolean', '{"a": 1, "b": 2} == {"b": 2, "a": 1}', false],
    ['Boolean', '(1, "a") == (1, "a")', true],
    ['Boolean', '[1, 2] == [1.0, 2.0]', true],
    ['Boolean', 'None == None', true],
  ],
  placeholders: [
    ['String', '"~{5}"', '5'],
    ['String', '"~{3.141}"', '3.141000'],
    ['String', '"~{3.141 * 1E-10}"', '0.000000'],
    ['String', '"~{3.141 * 1E10}"', '31410000000.000000'],
    ['String', '"~{true} ${false}"', 'true false'],
    ['String', '"~{None}"', ''],
    ['String', `"~{if true then '~{1 + 3}' else '0'}"`, '4'],
    ['String', '"~{sep=\', \' [1, 2, 3]}"', '1, 2, 3'],
    ['String', "\"~{true='yes' false='no' 1 > 2}\"", 'no'],
    ['String', '"~{default=\'foo\' None}"', 'foo'],
    ['String', '"~{1 + 2.0}"', '3.000000'],
    ['String', '"~{"3.0" + 1}"', '3.01'],
  ],
  access: [
    ['Int', '(5, ["hello"]).left', 5],
    ['String', '(5, ["hello", "goodbye"]).right[1]', 'goodbye'],
    ['Int', '{1: 10, 2: 11}[1]', 10],
    ['Int', 'object { a: object { b: 7 } }.a.b', 7],
  ],
} as const;

for (const [name, list] of Object.entries(CASES)) {
  describe(name, () => {
    for (const [type, expression, expected] of list) {
      test(expression, async () => assert.deepEqual(await valueOf(type, expression), expected));
    }
  });
}

test('in a placeholder, a sum with something undefined is nothing (concat_optional)', async () => {
  using run = new TestRun(`version 1.1
workflow w {
  input { String salutation = "hello" String? name1 String? name2 = "Fred" }
  output {
    String greeting1 = "~{salutation + ' ' + name1 + ' '}nice to meet you!"
    String greeting2 = "~{salutation + ' ' + name2 + ', '}nice to meet you!"
    String three = "~{sep(" ", ["a", "~{'-m ' + name1}"])}|"
  }
}`);
  assert.deepEqual((await run.run()).outputs, {
    'w.greeting1': 'nice to meet you!',
    'w.greeting2': 'hello Fred, nice to meet you!',
    'w.three': 'a |',
  });
});

describe('coercions', () => {
  const struct = 'struct S { Int a Float b Array[String]? c }';
  for (const [what, expression] of [
    ['map', '{"a": "1", "b": "2.5"}'],
    ['object', 'object { a: 1, b: 2.5 }'],
    ['struct literal', 'S { a: 1, b: 2.5 }'],
    ['JSON', `read_json(write_json(object { a: 1, b: 2.5 }))`],
  ] as const) {
    test(`${what} to struct`, async () => {
      using run = new TestRun(`version 1.1\n${struct}\nworkflow w { output { S s = ${expression} } }`);
      assert.deepEqual((await run.run()).outputs, { 'w.s': { a: 1, b: 2.5, c: null } });
    });
  }

  test('an empty array where one item is needed fails at run time', async () => {
    using run = new TestRun(
      'version 1.1\nworkflow w { input { Array[Int] a } output { Array[Int]+ b = a } }',
    );
    assert.match((await run.failure({ a: [] })).message, /must not be empty/);
  });
});
