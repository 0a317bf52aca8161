import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TaskOutcome } from '@helicase/runtime';
import type { LocalFiles } from '../files/local-files.ts';
import type { FilePath } from '../values/path.ts';

export interface RunFilesOptions {
  readonly files: LocalFiles;
  readonly projectDir: string;
  /** The tasks see the project's folder as it is. */
  readonly exposesProject: boolean;
  scratch(): string;
  path(location: string): FilePath;
}

/** The folders of a run: those of its tasks, and those that it makes besides. */
export class RunFiles {
  readonly #host: RunFilesOptions;
  /** Of tasks, by their work directories. */
  readonly #finished = new Map<string, string>();
  readonly #programs = new Map<string, string>();
  #folders = 0;

  constructor(options: RunFilesOptions) {
    this.#host = options;
  }

  trust(folder: string): void {
    this.#host.files.trust(folder);
  }

  /** A task's files may be read now, and are known to come after those of tasks that ended before it. */
  ended({ finishedAt, workDirectory }: Pick<TaskOutcome, 'finishedAt' | 'workDirectory'>): void {
    this.trust(workDirectory);
    this.#finished.set(workDirectory, `${String(finishedAt).padStart(15, '0')} ${workDirectory}`);
  }

  /** What sorts a file by when the task that made it ended; undefined where no task did. */
  madeAt(location: string): string | undefined {
    const folder = this.#workFolder(location);
    return folder === undefined ? undefined : this.#finished.get(folder);
  }

  #workFolder(location: string): string | undefined {
    for (let folder = dirname(location); folder.length > 1; folder = dirname(folder))
      if (this.#finished.has(folder)) return folder;
    return undefined;
  }

  /** The path of a file in the work folder of the task that made it. */
  pathInTask(location: string): string | undefined {
    const folder = this.#workFolder(location);
    return folder === undefined ? undefined : relative(folder, location);
  }

  /** `bin` of the project, of `lib`'s neighbour modules, where they are. */
  programFolders(moduleDir: string, hasModuleBinaries: boolean): string[] {
    const own = hasModuleBinaries ? [join(moduleDir, 'resources', 'usr', 'bin')] : [];
    const found = [join(this.#host.projectDir, 'bin'), ...own].filter(
      (folder) => this.#host.files.stat(folder)?.isDirectory && readdirSync(folder).length > 0,
    );
    return this.#host.exposesProject ? found : found.map((folder) => this.#executable(folder));
  }

  /** A copy whose programs can be executed: a definition's zip does not tell that they are. */
  #executable(folder: string): string {
    const known = this.#programs.get(folder);
    if (known !== undefined) return known;
    const copy = this.folder('bin');
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (this.#host.files.stat(join(folder, name))?.isDirectory) continue;
      this.#host.files.copy(join(folder, name), join(copy, name));
      this.#host.files.setMode(join(copy, name), 0o755);
    }
    this.#programs.set(folder, copy);
    return copy;
  }

  folder(kind: string, name = String((this.#folders += 1))): string {
    const folder = join(this.#host.scratch(), kind, name);
    mkdirSync(folder, { recursive: true });
    this.trust(folder);
    return folder;
  }

  /** Of a name that does not change from run to run, where one is given. */
  execFolder(name?: string): string {
    return this.folder('exec', name);
  }

  scratchFile(name: string, content: string): FilePath {
    const path = join(this.folder('values'), name);
    writeFileSync(path, content);
    return this.#host.path(path);
  }
}
