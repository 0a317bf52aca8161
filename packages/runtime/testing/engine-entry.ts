import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveEngine } from '../engine/engine-process.ts';
import { EngineFailureError, type LanguageEngine } from '../language.ts';
import { shellTask } from './shell-task.ts';

/** A language whose programs are the names of these functions: an engine that behaves as each test needs it. */
const programs: Record<string, LanguageEngine['run']> = {
  async greet({ host, parameters, runDirectory }) {
    const facts = await host.stat(String(parameters.input));
    const local = await host.localize(String(parameters.input));
    const outcome = await host.run(
      shellTask('cat /in/name; echo done > out.txt', {
        inputs: [{ kind: 'path', path: local, target: '/in/name' }],
      }),
    );
    const note = join(host.scratch(), 'note.txt');
    writeFileSync(note, runDirectory);
    host.log('info', 'greeted');
    return {
      outputs: { size: facts?.size ?? null, exitCode: outcome.exitCode ?? null, pid: process.pid },
      files: [
        { path: join(outcome.workDirectory, 'out.txt'), key: 'out/out.txt' },
        { path: note, key: 'out/note.txt' },
      ],
    };
  },
  fail: () =>
    Promise.reject(
      new EngineFailureError({
        reason: 'RUN_TASK_FAILED',
        message: 'align failed',
        exitCode: 3,
        source: { file: 'main.wdl', line: 7, column: 3 },
      }),
    ),
  endless: async () => {
    for (;;) Math.random();
  },
  async hungry() {
    const held: string[][] = [];
    for (;;) held.push(Array.from({ length: 100_000 }, (_, index) => `${index}-${held.length}`));
  },
  async wait({ host, signal }) {
    await host.run(shellTask('sleep 63.5'), signal);
    return { outputs: {}, files: [] };
  },
  steal: async ({ parameters }) => ({
    outputs: {},
    files: [{ path: String(parameters.path), key: 'out/stolen' }],
  }),
  who: async () => ({ outputs: { pid: process.pid }, files: [] }),
  escape: async () => ({ outputs: {}, files: [{ path: '/tmp', key: '../../elsewhere' }] }),
  secrets: async () => ({
    outputs: { names: Object.keys(process.env).toSorted(), spawned: trySpawn(), evaluated: tryEval() },
    files: [],
  }),
};

function trySpawn(): string {
  try {
    return spawnSync('id').stdout.toString();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  }
}

function tryEval(): string {
  try {
    return String(new Function('return 1')());
  } catch (error) {
    return error instanceof Error ? error.name : 'failed';
  }
}

const language: LanguageEngine = { run: (run) => programs[run.main]!(run) };
serveEngine({ languages: { WDL: language } });
