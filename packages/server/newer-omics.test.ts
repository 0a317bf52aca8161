import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NormalizedSchema } from '@smithy/core/schema';
import { omicsSchemas } from './newer-omics.ts';

type Operation = readonly [
  number,
  string,
  string,
  unknown,
  Parameters<typeof NormalizedSchema.of>[0],
  unknown,
];

/** Names of the members of an operation's input or output. */
const members = (operation: string, side: 4 | 5) =>
  [
    ...NormalizedSchema.of((omicsSchemas()[`${operation}$`] as Operation)[side] as never).structIterator(),
  ].map(([name, member]) => ({ name, member }));
const names = (operation: string, side: 4 | 5) => members(operation, side).map(({ name }) => name);

// shared facts: botocore 1.43.107, which the SDK for JavaScript 3.1048 does not have yet.
test('members that AWS added after the SDK are read and written, those it has stay', () => {
  const added = ['sessionPolicy', 'scratchStorageMode', 'engineSettings'];
  for (const name of [...added, 'workflowId', 'roleArn', 'requestId'])
    assert.ok(names('StartRun', 4).includes(name), name);
  for (const name of [...added, 'runOutputUri']) assert.ok(names('GetRun', 5).includes(name), name);
  assert.ok(names('GetRunTask', 5).includes('uuid'));
  for (const operation of ['GetWorkflow', 'GetWorkflowVersion'])
    for (const name of ['profiles', 'profileParameterTemplates'])
      assert.ok(names(operation, 5).includes(name), `${operation}.${name}`);
});

test('places with traits of their own keep them', () => {
  const { member } = members('ListRunTasks', 4).find(({ name }) => name === 'maxResults')!;
  assert.ok(member.isNumericSchema());
  assert.equal(member.getMergedTraits().httpQuery, 'maxResults');
});

test('also inside of lists and structures', () => {
  const { member: items } = members('ListRunTasks', 5).find(({ name }) => name === 'items')!;
  const task = [...items.getValueSchema().structIterator()].map(([name]) => name);
  assert.deepEqual([task.includes('uuid'), task.includes('taskId')], [true, true]);
  const { member: defaults } = members('StartRunBatch', 4).find(({ name }) => name === 'defaultRunSetting')!;
  assert.ok([...defaults.structIterator()].some(([name]) => name === 'sessionPolicy'));
});
