import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineFailureError, type LanguageEngine, type LanguageResult } from '@helicase/runtime';
import { checkDefinition, type CheckResult, wdlEngine } from '../index.ts';
import { BubblewrapHost } from './bubblewrap-host.ts';

/** The files of a definition by path; a text alone is `main.wdl`. */
export type Sources = string | Readonly<Record<string, string>>;

const filesOf = (sources: Sources) => (typeof sources === 'string' ? { 'main.wdl': sources } : sources);

export function checkSources(sources: Sources, lenient = false): Promise<CheckResult> {
  const files = new Map(Object.entries(filesOf(sources)));
  return checkDefinition({ main: 'main.wdl', lenient, files: async (path) => files.get(path) });
}

/** `Code line:column` of each finding, to compare with what the source has. */
export async function findings(sources: Sources, lenient = false): Promise<string[]> {
  const { diagnostics } = await checkSources(sources, lenient);
  return diagnostics.map(({ code, position }) => `${code} ${position.line}:${position.column}`);
}

/** A definition, its host and its objects in a folder of their own, removed with `using`. */
export class TestRun implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'helicase-wdl-'));
  readonly host: BubblewrapHost;
  readonly stop = new AbortController();

  constructor(sources: Sources, objects: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(filesOf(sources))) this.#write(join('definition', path), text);
    const files = Object.entries(objects).map(([uri, text], index) => {
      return [uri, this.#write(join('objects', `${index}`), text)] as const;
    });
    this.host = new BubblewrapHost(join(this.folder, 'run'), Object.fromEntries(files));
  }

  run(
    parameters: Readonly<Record<string, unknown>> = {},
    engine: LanguageEngine = wdlEngine,
  ): Promise<LanguageResult> {
    return engine.run({
      definition: join(this.folder, 'definition'),
      main: 'main.wdl',
      parameters,
      host: this.host,
      runDirectory: join(this.folder, 'run'),
      signal: this.stop.signal,
    });
  }

  /** Why the run fails. */
  async failure(parameters: Readonly<Record<string, unknown>> = {}) {
    try {
      await this.run(parameters);
    } catch (error) {
      if (error instanceof EngineFailureError) return error.failure;
      throw error;
    }
    throw new Error('the run did not fail');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(path: string, text: string): string {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  }
}

/** The value of an expression in WDL 1.1, given the type to declare it as. */
export async function valueOf(type: string, expression: string, before = ''): Promise<unknown> {
  using run = new TestRun(`version 1.1\nworkflow w {\n${before}\noutput { ${type} x = ${expression} }\n}`);
  const { outputs } = await run.run();
  return outputs['w.x'];
}
