import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Desk, openDesk } from '../testing.ts';

/** Adds one while the number is below ten: cwltool's own example of a loop. */
const workflow = (version: string, type: string, loop: string) => `cwlVersion: ${version}
class: Workflow
$namespaces: { cwltool: "http://commonwl.org/cwltool#" }
requirements: { InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {} }
inputs: { i1: int }
outputs: { o1: { type: '${type}', outputSource: add/o1 } }
steps:
  add:
    run:
      class: ExpressionTool
      inputs: { i1: int }
      outputs: { o1: int }
      expression: "\${return {'o1': inputs.i1 + 1};}"
    in: { i1: i1 }
    out: [o1]
${loop}`;
const extension = (method: string) => `    requirements:
      cwltool:Loop: { loopWhen: $(inputs.i1 < 10), loop: { i1: o1 }, outputMethod: ${method} }
`;

describe('loops', () => {
  let desk: Desk;
  before(() => (desk = openDesk()));
  after(() => desk.remove());
  const outputs = async (document: string, i1: number) => {
    desk.write({ 'main.cwl': document });
    return (await desk.run({ i1 })).outputs;
  };

  test('give the last value, or all of them', async () => {
    assert.deepEqual(await outputs(workflow('v1.2', 'int', extension('last')), 7), { o1: 10 });
    assert.deepEqual(await outputs(workflow('v1.2', 'int[]', extension('all')), 7), { o1: [8, 9, 10] });
  });

  test('without an iteration give null, or an empty list', async () => {
    assert.deepEqual(await outputs(workflow('v1.2', 'int', extension('last')), 11), { o1: null });
    assert.deepEqual(await outputs(workflow('v1.2', 'int[]', extension('all')), 11), { o1: [] });
  });

  test('are written with "when" and "loop" in CWL 1.3', async () => {
    const loop = '    when: $(inputs.i1 < 10)\n    loop: { i1: o1 }\n    outputMethod: all_iterations\n';
    assert.deepEqual(await outputs(workflow('v1.3.0-dev1', 'int[]', loop), 8), { o1: [9, 10] });
    await assert.rejects(outputs(workflow('v1.2', 'int[]', loop), 8), /"loop" needs cwlVersion v1\.3/);
  });

  test('do not go with scatter or with "when" of the extension', async () => {
    await assert.rejects(
      outputs(workflow('v1.2', 'int', `${extension('last')}    when: $(true)\n`), 1),
      /main\.cwl:\d+:\d+: A step cannot have both "when" and cwltool:Loop/,
    );
  });
});
