import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { openMain } from '../load/open.ts';
import { dotText } from './dot.ts';
import { workflowGraph } from './workflow-graph.ts';

const TOOL =
  'cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: wc\ninputs: { file: File }\noutputs: { count: stdout }\n';
const WORKFLOW = `cwlVersion: v1.2
class: Workflow
requirements: { ScatterFeatureRequirement: {} }
inputs: { files: "File[]" }
outputs: { counts: { type: "File[]", outputSource: count/count } }
steps:
  count: { run: tool.cwl, scatter: file, in: { file: files }, out: [count] }
`;
const files: Readonly<Record<string, string>> = { 'main.cwl': WORKFLOW, 'tool.cwl': TOOL };
const graphOf = async (main: string) => workflowGraph(await openMain(async (path) => files[path], '/', main));

describe('the graph of a workflow', () => {
  test('has its ports, steps and links', async () => {
    assert.deepEqual(await graphOf('main.cwl'), {
      name: 'main.cwl',
      inputs: [{ name: 'files', type: 'File[]' }],
      outputs: [{ name: 'counts', type: 'File[]' }],
      steps: [{ name: 'count', class: 'CommandLineTool', scatter: ['file'] }],
      links: [
        { from: 'files', to: 'count/file' },
        { from: 'count/count', to: 'counts' },
      ],
    });
  });

  test('of a tool is the tool between its inputs and outputs', async () => {
    const { links, steps } = await graphOf('tool.cwl');
    assert.deepEqual(steps, [{ name: 'tool.cwl', class: 'CommandLineTool' }]);
    assert.deepEqual(
      links.map(({ from, to }) => `${from} -> ${to}`),
      ['file -> tool.cwl/file', 'tool.cwl/count -> count'],
    );
  });

  const dot = spawnSync('dot', ['-V']).error ? 'graphviz is not installed' : false;
  test('is drawn by Graphviz', { skip: dot }, async () => {
    const { status, stderr } = spawnSync('dot', ['-Tsvg'], {
      input: dotText(await graphOf('main.cwl')),
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
});
