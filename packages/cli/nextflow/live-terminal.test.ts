import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskRecord } from '@helicase/nextflow';
import { liveTerminal } from './live-terminal.ts';
import { plainTerminal } from './terminal.ts';

test('a terminal shows a line for each process with how many of its tasks are done', () => {
  let written = '';
  const screen = { columns: 80, rows: 24, write: (text: string) => void (written += text) };
  const terminal = liveTerminal(plainTerminal(false), screen as unknown as NodeJS.WriteStream);
  const ended = (process: string, exitCode: number) =>
    terminal.taskEnded({ process, outcome: { exitCode } } as TaskRecord);
  terminal.task('[aa/000001] Submitted process > MAP:ALIGN (s1)');
  terminal.task('[aa/000002] Submitted process > MAP:ALIGN (s2)');
  terminal.task('[bb/000003] Cached process > SUM');
  ended('MAP:ALIGN', 0);
  ended('SUM', 0);
  terminal.end([], true);
  assert.equal(written, '[aa/000002] MAP:ALIGN (s2) | 1 of 2\n[bb/000003] SUM | 1 of 1, cached: 1 ✔\n');
});
