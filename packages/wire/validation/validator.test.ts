import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as omics from '@aws-sdk/client-omics';
import type { OperationConstraints } from '../operation.ts';
import { operationSchemas } from '../schema/operation-schema.ts';
import { compileValidator } from './validator.ts';

/** The constraint table of the HealthOmics model, which the server gives to the gateway. */
const file = new URL('../../server/constraints/omics.json', import.meta.url);
const table = JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}') as Record<
  string,
  OperationConstraints
>;
const operations = operationSchemas(omics);

function faultsOf(operation: string, input: Record<string, unknown>): readonly string[] {
  return compileValidator(operations.get(operation)!.input, table[operation]!)(input);
}

const run = {
  workflowId: '1234567',
  roleArn: 'arn:aws:iam::111122223333:role/r-long-enough',
  outputUri: 's3://bucket/out/',
  requestId: 'r',
};

describe('constraints of the HealthOmics model', () => {
  test('a request that keeps them has no faults', () => {
    assert.deepEqual(faultsOf('StartRun', run), []);
    assert.deepEqual(
      faultsOf('StartReadSetImportJob', {
        sequenceStoreId: '1234567890',
        roleArn: 'arn:aws:iam::111122223333:role/r-long-enough',
        sources: [
          {
            sourceFiles: { source1: 's3://bucket/a.bam' },
            sourceFileType: 'BAM',
            subjectId: 'subject',
            sampleId: 'sample',
            referenceArn:
              'arn:aws:omics:us-east-1:111122223333:referenceStore/1234567890/reference/1234567890',
          },
        ],
      }),
      [],
    );
  });

  const cases: readonly (readonly [string, string, Record<string, unknown>, string])[] = [
    [
      'a required member that is missing',
      'StartRun',
      { workflowId: '1', outputUri: run.outputUri },
      "Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a pattern, anchored at both ends',
      'GetRun',
      { id: '123x' },
      "Value '123x' at 'id' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+",
    ],
    [
      'a text too long',
      'GetRun',
      { id: '1'.repeat(19) },
      `Value '${'1'.repeat(19)}' at 'id' failed to satisfy constraint: Member must have length less than or equal to 18`,
    ],
    [
      'a text too short',
      'GetSequenceStore',
      { id: '123' },
      "Value '123' at 'id' failed to satisfy constraint: Member must have length greater than or equal to 10",
    ],
    [
      'a number too small',
      'ListRuns',
      { maxResults: 0 },
      "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'a number too large',
      'ListRuns',
      { maxResults: 101 },
      "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [
      'a fraction where the model has integers',
      'ListRuns',
      { maxResults: 1.5 },
      "Value '1.5' at 'maxResults' failed to satisfy constraint: Member must be an integer",
    ],
    [
      'a value that the enum lacks',
      'StartRun',
      { ...run, storageType: 'FAST' },
      "Value 'FAST' at 'storageType' failed to satisfy constraint: Member must satisfy enum value set: [STATIC, DYNAMIC]",
    ],
    [
      'an empty list that needs an element',
      'BatchDeleteReadSet',
      { sequenceStoreId: '1234567890', ids: [] },
      "Value '[]' at 'ids' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'an element of a list',
      'BatchDeleteReadSet',
      { sequenceStoreId: '1234567890', ids: ['1234567890', 'abcdefghij'] },
      "Value 'abcdefghij' at 'ids.2.member' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+",
    ],
    [
      'a list element that is null',
      'BatchDeleteReadSet',
      { sequenceStoreId: '1234567890', ids: [null] },
      "Value null at 'ids.1.member' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a key of a map',
      'StartRun',
      { ...run, tags: { ['k'.repeat(129)]: 'v' } },
      `Map key '${'k'.repeat(129)}' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      'a value of a map',
      'StartRun',
      { ...run, tags: { k: 'v'.repeat(257) } },
      `Value '${'v'.repeat(256)}...' at 'tags.k' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ],
    [
      'a member deep in a list of structures',
      'StartReadSetImportJob',
      {
        sequenceStoreId: '1234567890',
        roleArn: 'arn:aws:iam::111122223333:role/r-long-enough',
        sources: [
          { sourceFiles: { source1: 'http://x' }, sourceFileType: 'BAM', subjectId: 's', sampleId: 's' },
        ],
      },
      "Value 'http://x' at 'sources.1.member.sourceFiles.source1' failed to satisfy constraint: Member must satisfy regular expression pattern: s3://([a-z0-9][a-z0-9-.]{1,61}[a-z0-9])/(.{1,1024})",
    ],
    [
      'a required member deep in a list of structures',
      'StartReadSetImportJob',
      {
        sequenceStoreId: '1234567890',
        roleArn: 'arn:aws:iam::111122223333:role/r-long-enough',
        sources: [{ sourceFiles: { source1: 's3://bucket/a.bam' }, sourceFileType: 'BAM', subjectId: 's' }],
      },
      "Value null at 'sources.1.member.sampleId' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a union with no member set',
      'CreateVariantStore',
      { reference: {} },
      "Value '{}' at 'reference' failed to satisfy constraint: Member must have exactly one of [referenceArn]",
    ],
  ];
  for (const [what, operation, input, fault] of cases) {
    test(`${what} is named with value and constraint`, () => {
      assert.deepEqual(faultsOf(operation, input), [fault]);
    });
  }

  test('all faults are found at once', () => {
    const faults = faultsOf('StartRun', { ...run, workflowId: 'x', storageType: 'FAST', priority: -1 });
    assert.equal(faults.length, 3);
  });

  test('lengths count characters, not UTF-16 units', () => {
    // Names have 1 to 128 characters; each of these is two UTF-16 units.
    assert.deepEqual(faultsOf('StartRun', { ...run, name: '\u{1F9EC}'.repeat(128) }), []);
    assert.equal(faultsOf('StartRun', { ...run, name: '\u{1F9EC}'.repeat(129) }).length, 1);
  });

  test('every operation of the table is in the schemas, and every pattern compiles', () => {
    for (const [name, constraints] of Object.entries(table)) {
      const schema = operations.get(name);
      assert.ok(schema, name);
      for (const { pattern } of Object.values(constraints)) if (pattern) new RegExp(`^(?:${pattern})$`, 'u');
      compileValidator(schema.input, constraints)({});
    }
  });

  test('every path of the table leads to a member, but those that the SDK does not know yet', () => {
    // operations.md of the model lists them: added to AWS's model after this SDK.
    const newer = /engineSettings|scratchStorageMode|sessionPolicy|credentialArn|vpcOwnerAccountId/;
    const lost = Object.entries(table).flatMap(([name, constraints]) =>
      Object.keys(constraints)
        .filter((path) => !newer.test(path) && !leads(operations.get(name)!.input, path))
        .map((path) => `${name} ${path}`),
    );
    assert.deepEqual(lost, []);
  });
});

type AnyShape =
  ReturnType<typeof operationSchemas> extends ReadonlyMap<string, infer O>
    ? O extends { input: infer S }
      ? S
      : never
    : never;

function leads(shape: AnyShape, path: string): boolean {
  let at: import('../schema/shape.ts').Shape = shape;
  for (const token of path.match(/\[\]|\{key\}|\{\}|[^.[{]+/g) ?? []) {
    if (token === '[]' && at.kind === 'list') at = at.element.shape;
    else if (token === '{}' && at.kind === 'map') at = at.value.shape;
    else if (token === '{key}' && at.kind === 'map') return true;
    else if (at.kind === 'structure') {
      const member: import('../schema/shape.ts').Member | undefined = at.members.find(
        ({ name }) => name === token,
      );
      if (!member) return false;
      at = member.shape;
    } else return false;
  }
  return true;
}
