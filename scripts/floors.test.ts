import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

const repository = join(import.meta.dirname, '..');
const floors = JSON.parse(readFileSync(join(repository, 'floors.json'), 'utf8')) as Record<string, number>;
const house = mkdtempSync(join(tmpdir(), 'helicase-floors-'));
after(() => rmSync(house, { recursive: true, force: true }));

/** A copy of the house with empty rooms, the real rule, and the file planted in it. */
function lintWith(planted: { readonly room: string; readonly text: string }): {
  ok: boolean;
  output: string;
} {
  const copy = mkdtempSync(join(house, 'copy-'));
  mkdirSync(join(copy, 'node_modules/@helicase'), { recursive: true });
  for (const name of ['.dependency-cruiser.cjs', 'floors.json', 'tsconfig.json', 'package.json']) {
    cpSync(join(repository, name), join(copy, name));
  }
  for (const room of Object.keys(floors)) {
    mkdirSync(join(copy, 'packages', room), { recursive: true });
    cpSync(join(repository, 'packages', room, 'package.json'), join(copy, 'packages', room, 'package.json'));
    writeFileSync(join(copy, 'packages', room, 'index.ts'), 'export const here = true;\n');
    writeFileSync(join(copy, 'packages', room, 'inner.ts'), 'export const inner = true;\n');
    symlinkSync(`../../packages/${room}`, join(copy, 'node_modules/@helicase', room));
  }
  writeFileSync(join(copy, 'packages', planted.room, 'planted.ts'), planted.text);
  const cruise = join(repository, 'node_modules/.bin/depcruise');
  const run = spawnSync(cruise, ['--config', '.dependency-cruiser.cjs', 'packages'], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { ok: run.status === 0, output: run.stdout + run.stderr };
}

describe('the floors of the house', () => {
  test('an import of a lower floor passes', () => {
    const lint = lintWith({
      room: 'storage',
      text: "import { here } from '@helicase/records';\nexport const seen = here;\n",
    });
    assert.ok(lint.ok, lint.output);
  });

  test('an upward import fails the lint', () => {
    const lint = lintWith({
      room: 'wire',
      text: "import { here } from '@helicase/storage';\nexport const seen = here;\n",
    });
    assert.ok(!lint.ok);
    assert.match(lint.output, /floor-1-wire/);
  });

  test('an import of a room on the same floor fails the lint', () => {
    const lint = lintWith({
      room: 'storage',
      text: "import type { here } from '@helicase/analytics';\nexport type Seen = typeof here;\n",
    });
    assert.ok(!lint.ok);
    assert.match(lint.output, /floor-4-storage/);
  });

  test('reaching past a room’s face fails the lint', () => {
    const lint = lintWith({
      room: 'storage',
      text: "import { inner } from '../records/inner.ts';\nexport const seen = inner;\n",
    });
    assert.ok(!lint.ok);
    assert.match(lint.output, /through-the-face/);
  });
});
