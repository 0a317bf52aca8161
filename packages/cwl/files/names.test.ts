import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal } from '../expression/json-text.ts';
import { nameMembers, secondaryName } from './names.ts';

// "basename: nameroot + nameext; if it begins with a period, the leading period is part of the nameroot" (File).
test('a name is split at its last period', () => {
  assert.deepEqual(nameMembers('a.tar.gz'), { basename: 'a.tar.gz', nameroot: 'a.tar', nameext: '.gz' });
  assert.deepEqual(nameMembers('.cshrc'), { basename: '.cshrc', nameroot: '.cshrc', nameext: '' });
  assert.deepEqual(nameMembers('README'), { basename: 'README', nameroot: 'README', nameext: '' });
});

// "If string begins with one or more caret ^ characters, for each caret, remove the last file extension".
test('a secondary file’s name follows its pattern', () => {
  assert.equal(secondaryName('ref.fasta', '.fai'), 'ref.fasta.fai');
  assert.equal(secondaryName('ref.fasta', '^.dict'), 'ref.dict');
  assert.equal(secondaryName('a.b.c', '^^.d'), 'a.d');
  assert.equal(secondaryName('plain', '^.d'), 'plain.d');
});

test('numbers are written in decimal', () => {
  assert.equal(decimal(1e42), `1${'0'.repeat(42)}`);
  assert.equal(decimal(1.5e-7), '0.00000015');
  assert.equal(decimal(-2.5), '-2.5');
});
