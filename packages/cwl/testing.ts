import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createLocalHost, createSandboxBackend, type LanguageResult } from '@helicase/runtime';
import { cwlEngine } from './engine/engine.ts';

/** A folder for the documents and files of a test. */
export interface Desk {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Runs `main.cwl` of the folder, unless another is named, with tasks in the sandbox without limits. */
  run(parameters?: object, main?: string): Promise<LanguageResult>;
  remove(): void;
}

export function openDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'cwl-test-'));
  let runs = 0;
  return {
    folder,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
    run(parameters = {}, main = 'main.cwl') {
      const directory = join(folder, `run-${(runs += 1)}`);
      const common = { clock: systemClock, log: silentLog };
      const sandbox = createSandboxBackend({
        ...{ ...common, directory: join(directory, 'sandbox') },
        groups: () => 'unlimited',
      });
      return cwlEngine.run({
        ...{ definition: folder, main, parameters: { ...parameters }, runDirectory: directory },
        host: createLocalHost({ ...common, backends: [sandbox], random: systemRandom, directory }),
        signal: new AbortController().signal,
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
