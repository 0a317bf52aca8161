import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STORED_KINDS } from './sealing-list.ts';

test('docs/sealed.md and the list that doctor prints are the same', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sealed.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what |-)/.test(line));
  const cells = rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  assert.deepEqual(
    cells,
    STORED_KINDS.map((kind) => [kind.what, kind.where, kind.protection, kind.how]),
  );
});
