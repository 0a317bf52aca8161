import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defineErrors } from './errors.ts';

const errors = defineErrors({
  storeNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'Sequence store {id} does not exist.',
    remedy: 'List the stores of {account} with ListSequenceStores.',
  },
});

describe('the error catalogue', () => {
  test('makes the error that AWS names, with the values in the message and the remedy', () => {
    const error = errors.storeNotFound({ id: '1234567890', account: '555555555555' });
    assert.equal(error.code, 'ResourceNotFoundException');
    assert.equal(error.status, 404);
    assert.equal(error.key, 'storeNotFound');
    assert.equal(
      error.message,
      'Sequence store 1234567890 does not exist. List the stores of 555555555555 with ListSequenceStores.',
    );
  });

  test('takes no value as a template of its own', () => {
    assert.match(
      errors.storeNotFound({ id: '{account}', account: 'x' }).message,
      /^Sequence store \{account\} does not exist/,
    );
  });
});
