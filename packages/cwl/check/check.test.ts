import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDefinition } from './check.ts';

const check = (files: Readonly<Record<string, string>>, main = 'main.cwl') =>
  checkDefinition({ main, files: async (path) => files[path] });
const places = async (files: Readonly<Record<string, string>>) =>
  (await check(files)).diagnostics.map(({ message, position: { column, file, line } }) => {
    return `${file}:${line}:${column}: ${message}`;
  });

const TOOL = 'cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\n';

describe('checking a definition', () => {
  test('tells the inputs of the main process with their types', async () => {
    const inputs =
      'inputs:\n  a: File[]\n  b: {type: string?, doc: words}\n  c: {type: int, default: 1}\noutputs: []\n';
    assert.deepEqual(await check({ 'main.cwl': TOOL + inputs }), {
      inputs: [
        { name: 'a', type: 'File[]', optional: false },
        { name: 'b', type: 'string?', optional: true, description: 'words' },
        { name: 'c', type: 'int', optional: true },
      ],
      diagnostics: [],
    });
  });

  test('reads JSON, packed documents and imports', async () => {
    const packed = {
      cwlVersion: 'v1.2',
      $graph: [
        {
          id: '#main',
          class: 'ExpressionTool',
          inputs: { $import: 'in.yml' },
          outputs: [],
          expression: '$({})',
        },
      ],
    };
    const { diagnostics, inputs } = await check({
      'main.cwl': JSON.stringify(packed),
      'in.yml': 'x: long\n',
    });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(inputs, [{ name: 'x', type: 'long', optional: false }]);
  });

  test('finds faults where they are', async () => {
    assert.deepEqual(await places({ 'main.cwl': `${TOOL}inputs:\n  a: Fiel\noutputs: []\n` }), [
      'main.cwl:5:3: There is no type Fiel. Define it in a SchemaDefRequirement.',
    ]);
    const missing = await places({ 'main.cwl': `${TOOL}inputs: {$import: none.yml}\noutputs: []\n` });
    assert.deepEqual(missing, ['main.cwl:4:9: The file none.yml is not in the workflow definition.']);
    const [old] = await places({ 'main.cwl': 'cwlVersion: draft-3\nclass: CommandLineTool\n' });
    assert.match(old!, /^main\.cwl:1:1: cwlVersion "draft-3" is not supported/);
    const [tabs] = await places({ 'main.cwl': 'a: [1\nb: 2\n' });
    assert.match(tabs!, /^main\.cwl:\d+:\d+: /);
  });

  test('refuses an Operation, and imports in a circle', async () => {
    const [operation] = await places({
      'main.cwl': 'cwlVersion: v1.2\nclass: Operation\ninputs: []\noutputs: []\n',
    });
    assert.match(operation!, /^main\.cwl:2:1: An Operation is abstract/);
  });
});
