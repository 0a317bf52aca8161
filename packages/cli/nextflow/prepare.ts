import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  execFolder,
  folderPublisher,
  type Launch,
  launch,
  LocalFiles,
  NEXTFLOW_VERSION,
  ProcessResult,
  ScriptFault,
  type TaskRecord,
  textSetting,
} from '@helicase/nextflow';
import { localCapacity } from '../local/capacity.ts';
import type { NextflowCommand } from './arguments.ts';
import type { FileLog } from './file-log.ts';
import { History } from './history.ts';
import { readParamsFile } from './params-file.ts';
import { randomRunName } from './run-name.ts';
import { localSecrets } from './secrets.ts';
import { taskHost } from './task-host.ts';

/** What a run on this machine is made of. */
export interface Prepared {
  readonly launched: Launch;
  readonly main: string;
  readonly runName: string;
  readonly records: TaskRecord[];
  readonly log: FileLog;
  readonly history: History;
  /** Writes down and tells that the run begins. */
  begin(): void;
}

/** Scopes of the configuration that turn containers on; which of them does not matter here. */
const ENGINES = ['docker', 'podman', 'singularity', 'apptainer', 'charliecloud', 'shifter', 'sarus'];

/** Reads the configuration; nothing of the script has run then, and no task. */
export function prepare(command: NextflowCommand, log: FileLog, signal: AbortSignal): Prepared {
  if (!command.sandbox && command.resume)
    throw new ScriptFault(
      '-resume needs the sandbox: without it a task sees where it runs, which is another place in every run.',
    );
  const launchDir = process.cwd();
  const main = mainScript(command);
  const projectDir = dirname(main);
  const workDir = resolve(command.workDir ?? process.env['NXF_WORK'] ?? 'work');
  const history = new History(launchDir);
  const earlier = history.runs();
  const runName = command.name ?? randomRunName(new Set(earlier.map((run) => run.runName)));
  const sessionId = (command.resume ? earlier.at(-1)?.sessionId : undefined) ?? randomUUID();
  const records: TaskRecord[] = [];
  const secrets = localSecrets();
  const capacity = localCapacity();
  const launched: Launch = launch({
    ...{ main, projectDir, launchDir, workDir, runName, sessionId },
    ...{ profiles: command.profiles, showProfiles: command.showProfiles, commandLine: command.line },
    configFiles: configFiles(command, projectDir, launchDir),
    params: [
      ...(command.paramsFile === undefined ? [] : readParamsFile(command.paramsFile)),
      ...command.params,
    ],
    settings: command.settings,
    host: taskHost({
      ...{ workDir, expose: [projectDir, launchDir], reuse: command.resume, secrets, log },
      containers: () => ENGINES.some((engine) => textSetting(launched, `${engine}.enabled`) === 'true'),
      images: command.images,
      sandbox: command.sandbox,
    }),
    signal,
    files: new LocalFiles(),
    log,
    publisher: folderPublisher(launchDir),
    environment: process.env,
    args: command.positionals.slice(1),
    exposesProject: true,
    ...(process.env['NXF_VER'] ? { version: process.env['NXF_VER'] } : {}),
    stub: command.stub,
    preview: command.preview,
    resume: command.resume,
    secrets,
    execRecords: execFolder(join(workDir, '.records', 'exec'), command.resume),
    ...(command.outputDir === undefined ? {} : { outputDir: command.outputDir }),
    ...(command.dumpChannels === undefined ? {} : { dumpChannels: command.dumpChannels }),
    defaultMemory: (cpus) =>
      Math.max(
        64 * 2 ** 20,
        Math.floor((capacity.memoryBytes / capacity.cpus) * Math.min(cpus, capacity.cpus)),
      ),
    execute,
    standardInput: once(() => readFileSync(0, 'utf8')),
    onTask(record) {
      records.push(record);
      history.keep(runName, record);
      log.terminal.taskEnded(record);
      if (record.why !== undefined) {
        const answer = `[${record.hash}] Not cached > ${record.name}: ${record.why}`;
        log.log(command.dumpHashes ? 'info' : 'debug', 'nextflow.processor.TaskProcessor', answer);
      }
    },
    onBody: (process) => log.terminal.bodyEnded?.(process),
    tellTask: (line) => log.task(line),
  });
  const begin = () => {
    greet({ command, main, runName, log, workDir }, (name) => textSetting(launched, name));
    if (command.preview) return;
    const timestamp = new Date().toISOString().replace('T', ' ').slice(0, 19);
    const revision = revisionOf(main);
    history.begin({
      timestamp,
      duration: '-',
      runName,
      status: '-',
      revision,
      sessionId,
      command: command.line,
    });
  };
  return { launched, main, runName, records, log, history, begin };
}

interface Greeting {
  readonly command: NextflowCommand;
  readonly main: string;
  readonly runName: string;
  readonly log: FileLog;
  readonly workDir: string;
}

function greet(
  { command, log, main, runName, workDir }: Greeting,
  manifest: (name: string) => string | undefined,
): void {
  const version = `N E X T F L O W  ~  version ${NEXTFLOW_VERSION}`;
  log.log('info', 'nextflow.cli.CmdRun', version);
  const revision = revisionOf(main).slice(0, 10);
  log.terminal.begin({
    banner: `${version}\nLaunching \`${command.positionals[0]}\` [${runName}] DSL2 - revision: ${revision}\n\n`,
    name: manifest('manifest.name') ?? main.slice(main.lastIndexOf('/') + 1),
    version: manifest('manifest.version') ?? '',
    profile: command.profiles.join(',') || 'standard',
    workDir,
  });
}

function revisionOf(main: string): string {
  return createHash('md5').update(readFileSync(main)).digest('hex');
}

function mainScript({
  mainScript: inFolder = 'main.nf',
  positionals: [given],
  verb,
}: NextflowCommand): string {
  if (given === undefined) throw new ScriptFault('Name the script: helicase nextflow run SCRIPT');
  const path = resolve(given);
  if (!existsSync(path))
    throw new ScriptFault(
      /^[\w.-]+\/[\w.-]+$|:\/\//.test(given)
        ? `There is no file or folder ${given}. Pipelines are run from a local folder: clone it first.`
        : `Cannot find script file: ${path}`,
    );
  if (!statSync(path).isDirectory()) return path;
  const script = join(path, inFolder);
  if (existsSync(script) || verb === 'config') return script; // which a configuration does without
  throw new ScriptFault(`The folder ${path} has no ${inFolder}. Name its script with -main-script.`);
}

/** Those of the project and the launch folder, then `-c`; `-C` stands alone. */
function configFiles(command: NextflowCommand, projectDir: string, launchDir: string): string[] {
  if (command.onlyConfig.length > 0) return command.onlyConfig.map((path) => existing(path));
  const found = [
    ...new Set([join(projectDir, 'nextflow.config'), join(launchDir, 'nextflow.config')]),
  ].filter((path) => existsSync(path));
  return [...found, ...command.config.map((path) => existing(path))];
}

function existing(path: string): string {
  if (!existsSync(path)) throw new ScriptFault(`Cannot find the configuration file ${path}.`);
  return resolve(path);
}

function execute(command: readonly string[]) {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: 600_000 });
  return new ProcessResult(done.stdout ?? '', done.stderr ?? '', done.status ?? 1);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
