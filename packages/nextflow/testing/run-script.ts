import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TaskHost, TaskRequest } from '@helicase/runtime';
import { launch } from '../engine/launch.ts';
import { type RunEnd, runLaunch } from '../engine/run-launch.ts';
import { LocalFiles } from '../files/local-files.ts';
import { folderPublisher } from '../run/publisher.ts';
import type { Value } from '../values/value.ts';

export interface ScriptResult {
  /** What the script printed, line by line. */
  readonly lines: readonly string[];
  readonly end: RunEnd;
  /** What the run was warned of. */
  readonly warnings: readonly string[];
  readonly requests: readonly TaskRequest[];
}

export interface ScriptOptions {
  /** Further files of the project: `nextflow.config`, modules. */
  readonly files?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, Value>>;
  readonly profiles?: readonly string[];
  /** What a task's standard output is, by its script; tasks here run nothing. */
  readonly stdout?: (script: string, workDirectory: string) => string;
  /** When a task ended, by its script. */
  readonly finishedAt?: (script: string) => number;
  readonly exitCode?: (request: TaskRequest) => number;
  /** Called before the run's folder goes, with what reads a file of it. */
  readonly atEnd?: (read: (path: string) => string) => void;
  /** As on a server: files of the run alone. */
  readonly confined?: boolean;
}

/** Runs a script to its end. Its tasks are recorded and answered, not run. */
export async function runScript(script: string, options: ScriptOptions = {}): Promise<ScriptResult> {
  const folder = mkdtempSync(join(tmpdir(), 'nextflow-test-'));
  try {
    return await runIn(folder, script, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, script: string, options: ScriptOptions): Promise<ScriptResult> {
  const main = join(folder, 'main.nf');
  for (const [name, content] of Object.entries({ ...options.files, 'main.nf': script })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  mkdirSync(join(folder, 'scratch'));
  const printed: string[] = [];
  const warnings: string[] = [];
  const requests: TaskRequest[] = [];
  const launched = launch({
    ...{ main, projectDir: folder, launchDir: folder, workDir: join(folder, 'work') },
    configFiles: 'nextflow.config' in (options.files ?? {}) ? [join(folder, 'nextflow.config')] : [],
    profiles: options.profiles ?? [],
    params: Object.entries(options.params ?? {}),
    ...{ runName: 'test_run', sessionId: 'test', commandLine: 'nextflow run main.nf', environment: {} },
    host: recordingHost(folder, requests, options),
    signal: new AbortController().signal,
    files: new LocalFiles(
      options.confined ? { readable: [folder], writable: [join(folder, 'scratch')] } : {},
    ),
    log: {
      print: (text) => printed.push(text),
      log: (level, _origin, message) => {
        if (level === 'warn') warnings.push(message);
      },
    },
    publisher: folderPublisher(folder),
    exposesProject: true,
    defaultMemory: () => 2 ** 30,
    tellTask: () => {},
  });
  const end = await runLaunch(launched, main);
  options.atEnd?.((path) => readFileSync(join(folder, path), 'utf8'));
  return { lines: printed.join('').split('\n').filter(Boolean), end, requests, warnings };
}

function recordingHost(folder: string, requests: TaskRequest[], options: ScriptOptions): TaskHost {
  return {
    async run(request) {
      requests.push(request);
      const place = join(folder, 'attempts', String(requests.length));
      mkdirSync(place, { recursive: true });
      const literal = request.inputs.find(({ target }) => target.endsWith('/.command.sh'));
      const script = literal?.kind === 'literal' ? literal.content : '';
      const [stdoutPath, stderrPath] = [join(place, 'stdout'), join(place, 'stderr')];
      writeFileSync(stdoutPath, options.stdout?.(script, place) ?? '');
      writeFileSync(stderrPath, '');
      const exitCode = options.exitCode?.(request) ?? 0;
      return {
        status: 'exited',
        exitCode,
        workDirectory: place,
        stdoutPath,
        stderrPath,
        startedAt: 0,
        finishedAt: options.finishedAt?.(script) ?? 0,
      };
    },
    stat: async () => undefined,
    localize: async (uri) => uri,
    scratch: () => join(folder, 'scratch'),
    log: () => {},
  };
}
