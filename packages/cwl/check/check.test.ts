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

  test('tells all faults at once, each at its place', async () => {
    const faulty = `cwlVersion: v1.2
class: Workflow
inputs:
  reads: Fiel
  count: int
outputs:
  done: { type: File, outputSource: align/bem }
steps:
  align:
    run: align.cwl
    in: { reads: reads, threads: count }
    out: [bam, log]
    scater: reads
`;
    const align = `cwlVersion: v1.2
class: CommandLineTool
baseComand: bwa
inputs: { reads: File, threads: string, reference: File }
outputs: { bam: stdout }
`;
    assert.deepEqual(
      (await places({ 'main.cwl': faulty, 'align.cwl': align })).map((one) => one.slice(0, 88)),
      [
        'main.cwl:4:3: There is no type Fiel. Define it in a SchemaDefRequirement.',
        'main.cwl:7:23: The source align/bem is neither an input nor an output of a step (reads, ',
        'main.cwl:9:3: Step align gives nothing for the required input reference (File) of what i',
        'main.cwl:11:25: count is int; the input threads of step align is string.',
        'main.cwl:12:5: Step align has no output log; what it runs has bam.',
        'main.cwl:13:5: WorkflowStep has no field "scater". It has id, label, doc, run, requireme',
        'align.cwl:3:1: CommandLineTool has no field "baseComand". It has class, id, label, doc, ',
      ],
    );
  });

  test('takes a field of a later version for a fault, and members of other namespaces for none', async () => {
    const step = (version: string) => `cwlVersion: ${version}
class: Workflow
$namespaces: { s: "https://schema.org/" }
s:license: Apache-2.0
inputs: { go: boolean }
outputs: []
steps:
  one:
    run: { class: ExpressionTool, inputs: [], outputs: [], expression: "$({})" }
    in: { go: go }
    out: []
    when: $(inputs.go)
`;
    assert.deepEqual(await places({ 'main.cwl': step('v1.2') }), []);
    assert.deepEqual(await places({ 'main.cwl': step('v1.1') }), [
      'main.cwl:12:5: "when" needs cwlVersion v1.2; the document has v1.1.',
    ]);
  });

  test('wants the requirements that scatter, subworkflows and step expressions need', async () => {
    const workflow = (requirements: string) => `cwlVersion: v1.0
class: Workflow
requirements: [${requirements}]
inputs: { words: "string[]" }
outputs: []
steps:
  say:
    scatter: word
    run: { class: ExpressionTool, inputs: { word: string }, outputs: [], expression: "$({})" }
    in: { word: { source: words, valueFrom: "$(self)" } }
    out: []
`;
    const needs = (await places({ 'main.cwl': workflow('') }))[0];
    assert.equal(needs, 'main.cwl:7:3: Step say is scattered, which needs ScatterFeatureRequirement.');
    const all = '{ class: ScatterFeatureRequirement }, { class: StepInputExpressionRequirement }';
    assert.deepEqual(await places({ 'main.cwl': workflow(all) }), []);
  });

  test('knows which inputs name images, through the steps', async () => {
    const tool = `${TOOL}inputs: { image: string, other: string }\noutputs: []
requirements: { DockerRequirement: { dockerPull: $(inputs.image) } }\n`;
    const workflow = `cwlVersion: v1.2
class: Workflow
inputs: { docker: string, name: string }
outputs: []
steps: { one: { run: tool.cwl, in: { image: docker, other: name }, out: [] } }
`;
    const { inputs } = await check({ 'main.cwl': workflow, 'tool.cwl': tool });
    assert.deepEqual(
      inputs.filter(({ isImage }) => isImage).map(({ name }) => name),
      ['docker'],
    );
  });
});
