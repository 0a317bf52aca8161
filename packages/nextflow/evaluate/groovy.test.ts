import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

/** Expressions and what Groovy prints for them, from its documentation and its console. */
const CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  numbers: {
    '7 / 2': '3.5',
    '10 / 5': '2',
    '1 / 3': '0.3333333333',
    '0.1 + 0.2': '0.3',
    '1.0 * 3': '3.0',
    '7.intdiv(2)': '3',
    '-7 % 3': '-1',
    '2 ** 10': '1024',
    '2 ** 100': '1267650600228229401496703205376',
    '1.5d + 1': '2.5',
    '100.0d': '100.0',
    '10_000_000d': '1.0E7',
    '3.7 as int': '3',
    'Math.round(2.5d)': '3',
    '1 <=> 2': '-1',
    '0x1F + 0b11': '34',
  },
  null: {
    'null.collect { n -> n }': '[]',
    'null.any { n -> n }': 'false',
    'null.each { n -> n }': 'null',
  },
  strings: {
    "'abc'[-1]": 'c',
    "'abcdef'[1..3]": 'bcd',
    "'a,b,,c,,'.split(',').size()": '4',
    "'a,b;c'.tokenize(',;')": '[a, b, c]',
    "'sample_1.fastq.gz'.replaceAll(/_[12]\\.fastq\\.gz$/, '')": 'sample',
    "'hello' * 2": 'hellohello',
    "'  a\\n   b\\n'.stripIndent().inspect()": "'  a\\n   b\\n'",
    "'  a \\n   b\\n  '.stripIndent().inspect()": "'a\\n b\\n'",
    "'abc'.bytes.length": '3',
    "'hello'.capitalize()": 'Hello',
    "'x1y22'.findAll(/\\d+/)": '[1, 22]',
    "('chr12' =~ /chr(\\d+)/)[0][1]": '12',
    "'chr12' ==~ /chr\\d/": 'false',
    'String.format("%05.1f|%-4s|%x", 3.14159, "a", 255)': '003.1|a   |ff',
    "'5' as Integer": '5',
    "'  x '.trim().padLeft(3, '*')": '**x',
    '"${1 + 1} and $projectDir.name".size() > 5': 'true',
  },
  collections: {
    '[1, [2, 3]].flatten()': '[1, 2, 3]',
    '[3, 1, 2].sort().reverse()': '[3, 2, 1]',
    '[a: 1, b: 2].collect { k, v -> "$k=$v" }': '[a=1, b=2]',
    '[a: 1] + [b: 2]': '[a:1, b:2]',
    "[1, 2, 3, 4].groupBy { it % 2 ? 'odd' : 'even' }": '[odd:[1, 3], even:[2, 4]]',
    '(1..5).collate(2)': '[[1, 2], [3, 4], [5]]',
    '[[1, 2], [3, 4]].transpose()': '[[1, 3], [2, 4]]',
    '[1, 2, 3].inject(0) { sum, n -> sum + n }': '6',
    '[1, 2, 3][0..-2]': '[1, 2]',
    '[[n: 1], [n: 2]]*.n': '[1, 2]',
    '[[n: 1], [n: 2]].n': '[1, 2]',
    '[1, 2] == [1, 2]': 'true',
    '([1, 2] as Set) == ([2, 1] as Set)': 'true',
    '[1, *[2, 3]]': '[1, 2, 3]',
    '[:]': '[:]',
    '[[1, "a"], [2, "b"]].collectEntries()': '[1:a, 2:b]',
    '[[1, 2], [3]].combinations()': '[[1, 3], [2, 3]]',
    '5 in [1, 5]': 'true',
    "[a: [b: null]]?.a?.b?.c ?: 'none'": 'none',
    '[1, 2, 3].sum { it * 2 }': '12',
    '[1, 2, 2].unique()': '[1, 2]',
    '[1, 2, 3].withIndex()': '[[1, 0], [2, 1], [3, 2]]',
  },
  'units of Nextflow': {
    "new nextflow.util.MemoryUnit('1.5 GB')": '1.5 GB',
    '8.GB.toMega()': '8192',
    '2.h + 30.min': '2h 30m',
    '90.s': '1m 30s',
    '1.GB * 3': '3 GB',
    '8.GB > 500.MB': 'true',
  },
};

describe('expressions give what Groovy gives', () => {
  for (const [group, cases] of Object.entries(CASES)) {
    test(group, async () => {
      const script = Object.keys(cases)
        .map((expression) => `println(${expression})`)
        .join('\n');
      const { end, lines } = await runScript(script);
      assert.equal(end.report, undefined);
      assert.deepEqual(
        Object.fromEntries(Object.keys(cases).map((expression, index) => [expression, lines[index]])),
        cases,
      );
    });
  }
});

describe('statements', () => {
  const prints = async (script: string, ...expected: string[]) => {
    const { end, lines } = await runScript(script);
    assert.equal(end.report, undefined);
    assert.deepEqual(lines, expected);
  };

  test('closures see the variables around them, and change them', () =>
    prints('def n = 0\n[1, 2, 3].each { n += it }\nprintln n', '6'));

  test('the last expression is the value, also of if and try', () =>
    prints("def f(x) {\n  if (x > 1) { 'big' } else { 'small' }\n}\nprintln f(2) + f(1)", 'bigsmall'));

  test('several variables are assigned at once', () =>
    prints("def (a, b) = ['x', 'y']\n(a, b) = [b, a]\nprintln a + b", 'yx'));

  test('exceptions are caught by their class', () =>
    prints(
      "try { throw new IllegalArgumentException('no') } catch (IOException e) { println 'io' } catch (Exception e) { println e.message }",
      'no',
    ));

  test('switch takes classes, patterns, ranges and lists', () =>
    prints(
      "def kind(x) {\n  switch (x) {\n    case 1..3: return 'few'\n    case ~/a+/: return 'as'\n    case List: return 'list'\n    default: return 'other'\n  }\n}\nprintln([2, 'aa', [], 9].collect { kind(it) })",
      '[few, as, list, other]',
    ));

  test('a string with an arrow is made whenever it is read', () =>
    prints('def n = 1\ndef eager = "${n}"\ndef lazy = "${-> n}"\nn = 2\nprintln "$eager $lazy"', '1 2'));

  test('classes have fields, constructors, static methods and inheritance', () =>
    prints(
      "class Animal { String name\n  Animal(String name) { this.name = name }\n  String speak() { '...' }\n  static Animal of(String n) { new Dog(n) } }\nclass Dog extends Animal { Dog(String n) { super(n) }\n  String speak() { \"$name: woof\" } }\nprintln Animal.of('rex').speak()",
      'rex: woof',
    ));

  test('with() and delegates resolve names in the object', () =>
    prints('def m = [a: 1, b: 2]\nprintln m.with { a + b }', '3'));
});

describe('faults say where, what and what to do', () => {
  const reports = async (script: string, ...patterns: RegExp[]) => {
    const { end } = await runScript(script);
    for (const pattern of patterns) assert.match(end.report ?? '', pattern);
  };

  test('a misspelt variable', () =>
    reports(
      'def sample = 1\nresults = 2\nprintln resluts',
      /main\.nf:3:9: `resluts` is not defined\. Did you mean "results"\?/,
      /\^{7}/,
    ));
  test('a misspelt operator', () =>
    reports(
      'workflow { channel.of(1).colect().view() }',
      /main\.nf:1:12: No method "colect\(\)" .*Did you mean "collect"\?/,
    ));
  test('a method of null', () =>
    reports('def x = null\nx.size()', /:2:1: Cannot call "size" of null\. Use \?\./));
  test('an unclosed string', () => reports("println 'abc", /:1:9: The string is not closed\. End it with '/));
  test('an unclosed block', () =>
    reports('workflow {\n  channel.of(1)', /:2:16: Expected "}", found the end of the file/));
  test('a module that is not there', () =>
    reports(
      "include { A } from './modules/a'",
      /:1:1: Can't find a matching module file for include: \.\/modules\/a/,
    ));
  test('an unknown directive', () =>
    reports(
      "process p {\n  cpu 2\n  script: 'x'\n}\nworkflow { p() }",
      /:2:3: Process "p": Unknown process directive "cpu"\. Did you mean "cpus"\?/,
    ));
  test('a directive that changes nothing here is told, and the run goes on', async () => {
    const { end, warnings } = await runScript(
      "process p {\n  conda 'samtools'\n  spack 'samtools'\n  queue 'long'\n  script: 'x'\n}\nworkflow { p() }",
      { files: { 'nextflow.config': 'conda.enabled = true' } },
    );
    assert.equal(end.report, undefined);
    assert.deepEqual(warnings, [
      'Process "p": The directive "conda" changes nothing here.',
      'Process "p": The directive "queue" changes nothing here.',
    ]);
  });
  test('too many inputs', () =>
    reports(
      "process p {\n  input: val x\n  script: 'x'\n}\nworkflow { p(1, 2) }",
      /:5:12: The process "p" has 1 input but 2 were given/,
    ));
  test('an unknown channel factory', () =>
    reports(
      "workflow { channel.fromPth('x') }",
      /Unknown channel factory "fromPth"\. Did you mean "fromPath"\?/,
    ));
  test('an unknown option of an operator', () =>
    reports(
      'workflow { channel.of([1, 2]).groupTuple(bye: 0) }',
      /Unknown option "bye" of the operator "groupTuple"/,
    ));
  test('DSL1', () => reports('nextflow.enable.dsl = 1', /DSL1, which is not supported/));
  test('a plugin that is not built in', () =>
    reports("include { x } from 'plugin/nf-nothing'", /The plugin "nf-nothing" is not supported/));
});
