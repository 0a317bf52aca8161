import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parameterTypeProblems } from './parameter-types.ts';

/** The kinds of JSON that the specification's "JSON input format" has for each type. */
const ONE_OF_EACH = [
  { name: 'depth', type: 'Int' },
  { name: 'reads', type: 'Array[File]+' },
  { name: 'names', type: 'Map[String, Int]' },
  { name: 'pair', type: 'Pair[Int, String]?' },
  { name: 'sample', type: 'Sample?' },
  { name: 'samples', type: 'Array[Sample?]' },
];

describe('parameters against the types of inputs, before there is a run', () => {
  test('what fits passes, and so do structs, which only the document knows', () => {
    const parameters = {
      depth: 30,
      reads: ['s3://bucket/a.fastq'],
      names: { a: 1 },
      pair: { left: 1, right: 'x' },
      sample: { name: 'NA12878' },
      samples: [null, {}],
    };
    assert.deepEqual(parameterTypeProblems(ONE_OF_EACH, parameters), []);
    assert.deepEqual(parameterTypeProblems(ONE_OF_EACH, { pair: null }), []);
  });

  test('everything that does not is told at once, with its place', () => {
    const parameters = { depth: '30', reads: [], names: { a: 'many' }, pair: { left: 1.5, right: 'x' } };
    assert.deepEqual(parameterTypeProblems(ONE_OF_EACH, parameters), [
      'depth must be Int, not the string "30".',
      'reads must not be empty.',
      'names["a"] must be Int, not the string "many".',
      'pair.left must be Int, not the number 1.5.',
    ]);
  });

  test('Cromwell takes a number in quotes', () => {
    assert.deepEqual(parameterTypeProblems(ONE_OF_EACH, { depth: '30' }, true), []);
  });
});
