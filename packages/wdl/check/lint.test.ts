import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDefinition } from '../index.ts';

/** What a careful reader asks about these files: `Code line:column`. */
async function questions(sources: Readonly<Record<string, string>>): Promise<string[]> {
  const files = async (path: string) => sources[path];
  const { diagnostics } = await checkDefinition({ files, main: 'main.wdl', lint: true });
  return diagnostics.map(({ code, position }) => `${code} ${position.line}:${position.column}`);
}

const TASK = `task align {
  input { File reads }
  parameter_meta { reads: "the reads" }
  command <<< bwa mem ~{reads} >>>
  runtime { docker: "bwa:1" memory: "2 GiB" }
  output { File sam = stdout() }
}
workflow w {
  input { File reads }
  call align { input: reads = reads }
  output { File sam = align.sam }
}`;

test('nothing, where all is well', async () => {
  assert.deepEqual(await questions({ 'main.wdl': `version 1.0\n${TASK}` }), []);
});

for (const [what, from, to, expected] of [
  ['a task without a container', 'docker: "bwa:1" ', '', 'NoContainer 2:6'],
  ['an attribute that is misspelt', 'memory:', 'memroy:', 'UnknownRuntime 6:29'],
  ['metadata of a parameter that there is not', 'reads: "the', 'read: "the', 'UnknownParameter 2:6'],
  [
    'an input with the name of the workflow',
    'reads }\n  call',
    'reads File? w }\n  call',
    'NameCollision 10:28',
  ],
  ['an input that nothing reads', 'reads }\n  param', 'reads Int k = 1 }\n  param', 'UnusedInput 3:26'],
  [
    'not a file that nothing reads: it may be an index',
    'reads }\n  param',
    'reads File? bai }\n  param',
    undefined,
  ],
  ['a number for a text', 'stdout() }', 'stdout() String n = 5 }', 'StringCoercion 7:43'],
] as const) {
  test(what, async () => {
    const source = `version 1.0\n${TASK}`;
    assert.ok(source.includes(from));
    const found = await questions({ 'main.wdl': source.replace(from, to) });
    assert.deepEqual(found, expected === undefined ? [] : [expected]);
  });
}

test('an import of another version', async () => {
  const main = 'version 1.1\nimport "lib.wdl"\nworkflow v { call lib.w { reads = "a" } }';
  const found = await questions({ 'main.wdl': main, 'lib.wdl': `version 1.0\n${TASK}` });
  assert.deepEqual(
    found.filter((question) => question.startsWith('ImportVersion')),
    ['ImportVersion 2:1'],
  );
});
