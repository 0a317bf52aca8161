import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { silentLog, systemClock, systemRandom, type Log } from '@helicase/kernel';
import {
  configText,
  folderPublisher,
  type Launch,
  launch,
  LocalFiles,
  NEXTFLOW_VERSION,
  ProcessResult,
  runLaunch,
  ScriptFault,
  type TaskRecord,
} from '@helicase/nextflow';
import {
  type ControlGroups,
  ControlGroupsUnavailable,
  createLocalHost,
  createSandboxBackend,
  detectControlGroups,
  hostCapacity,
  type TaskHost,
} from '@helicase/runtime';
import { userCache } from '../local/host.ts';
import { FileLog } from './nextflow/file-log.ts';
import { type NextflowCommand, parseNextflow } from './nextflow/arguments.ts';
import { writeReports } from './nextflow/reports.ts';
import { readParamsFile } from './nextflow/params-file.ts';

const ADJECTIVES = [
  'agitated',
  'amazing',
  'awesome',
  'berserk',
  'boring',
  'clever',
  'cranky',
  'elated',
  'focused',
  'golden',
  'happy',
  'jolly',
  'lethal',
  'mighty',
  'nauseous',
  'pensive',
  'sad',
  'sleepy',
  'stoic',
  'tiny',
];
const NAMES = [
  'avogadro',
  'bardeen',
  'bell',
  'curie',
  'darwin',
  'easley',
  'einstein',
  'euler',
  'franklin',
  'galileo',
  'goodall',
  'hopper',
  'kalam',
  'lovelace',
  'mendel',
  'meitner',
  'noether',
  'pasteur',
  'sanger',
  'turing',
];

/** `helicase nextflow ...`, with Nextflow's own option names; answers the exit status. */
export async function nextflow(argv: readonly string[]): Promise<number> {
  const command = parseNextflow(argv);
  if (typeof command === 'string') {
    console.error(command);
    return 1;
  }
  switch (command.verb) {
    case 'run':
      return await run(command);
    case 'config':
      return printConfig(command);
    case 'lint':
      return (await import('./nextflow/lint.ts')).lint(command.positionals);
    case 'inspect':
      return (await import('./nextflow/inspect.ts')).inspect(command, prepare);
    case 'log':
    case 'clean':
      console.error(`helicase nextflow ${command.verb} is not there yet.`);
      return 1;
  }
}

/** What a run on this machine is made of. */
export interface Prepared {
  readonly launched: Launch;
  readonly main: string;
  readonly runName: string;
  readonly records: TaskRecord[];
  readonly log: FileLog;
}

async function run(command: NextflowCommand): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const log = new FileLog(resolve(command.log ?? '.nextflow.log'), command.quiet);
  log.log('debug', 'nextflow.cli.Launcher', `$> ${command.line}`);
  let prepared: Prepared;
  try {
    prepared = prepare(command, log, stop.signal);
  } catch (error) {
    return log.fail(error);
  }
  const { launched, main, records, runName } = prepared;
  const started = Date.now();
  const end = await runLaunch(launched, main, command.entry);
  if (end.report !== undefined) log.error(end.report, end.error);
  if (!command.preview)
    await writeReports(command, launched, records, { runName, started, success: end.success });
  log.log('debug', 'nextflow.script.ScriptRunner', '> Execution complete -- Goodbye');
  return end.exitStatus & 255;
}

function prepare(command: NextflowCommand, log: FileLog, signal: AbortSignal): Prepared {
  const launchDir = process.cwd();
  const main = mainScript(command.positionals[0]);
  const projectDir = dirname(main);
  const workDir = resolve(command.workDir ?? process.env['NXF_WORK'] ?? 'work');
  const runName = command.name ?? `${pick(ADJECTIVES)}_${pick(NAMES)}`;
  if (command.verb === 'run') greet(command, main, runName, log);
  const records: TaskRecord[] = [];
  const capacity = hostCapacity();
  const launched = launch({
    ...{
      main,
      projectDir,
      launchDir,
      workDir,
      profiles: command.profiles,
      showProfiles: command.showProfiles,
      runName,
      sessionId: randomUUID(),
      commandLine: command.line,
    },
    configFiles: configFiles(command, projectDir, launchDir),
    params: [
      ...(command.paramsFile === undefined ? [] : readParamsFile(command.paramsFile)),
      ...command.params,
    ],
    settings: command.settings,
    host: localHost(workDir, [projectDir, launchDir], command.resume, log),
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
    secrets: localSecrets(),
    ...(command.outputDir === undefined ? {} : { outputDir: command.outputDir }),
    ...(command.dumpChannels === undefined ? {} : { dumpChannels: command.dumpChannels }),
    defaultMemory: (cpus) =>
      Math.max(
        64 * 2 ** 20,
        Math.floor((capacity.memoryBytes / capacity.cpus) * Math.min(cpus, capacity.cpus)),
      ),
    execute,
    standardInput: once(() => readFileSync(0, 'utf8')),
    onTask: (record) => records.push(record),
    tellTask: (line) => log.task(line),
  });
  return { launched, main, runName, records, log };
}

function greet({ positionals, quiet }: NextflowCommand, main: string, runName: string, log: FileLog): void {
  const version = `N E X T F L O W  ~  version ${NEXTFLOW_VERSION}`;
  log.log('info', 'nextflow.cli.CmdRun', version);
  if (quiet) return;
  const revision = createHash('md5').update(readFileSync(main)).digest('hex').slice(0, 10);
  log.terminal(`${version}\nLaunching \`${positionals[0]}\` [${runName}] DSL2 - revision: ${revision}\n\n`);
}

/** Secrets of Nextflow's own store are not read; the environment names them: NXF_SECRET_name. */
function localSecrets(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('NXF_SECRET_') && value !== undefined ? [[name.slice(11), value]] : [],
    ),
  );
}

function pick(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)]!;
}

function mainScript(given: string | undefined): string {
  if (given === undefined) throw new ScriptFault('Name the script: helicase nextflow run SCRIPT');
  const path = resolve(given);
  if (!existsSync(path))
    throw new ScriptFault(
      `Cannot find script file: ${path}. Pipelines are run from a local folder: clone it first.`,
    );
  return statSync(path).isDirectory() ? join(path, 'main.nf') : path;
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

/** Tasks run in the sandbox with this machine's programs, whatever image they name. */
function localHost(workDir: string, expose: readonly string[], resume: boolean, log: FileLog): TaskHost {
  mkdirSync(workDir, { recursive: true });
  const capacity = hostCapacity();
  const kernelLog: Log = { ...silentLog, warn: (_facts, message) => log.log('debug', 'runtime', message) };
  const owner = `helicase-nextflow-${process.pid}`;
  const sandbox = createSandboxBackend({
    ...{
      clock: systemClock,
      log: kernelLog,
      directory: join(workDir, '.sandbox'),
      programs: userCache('programs'),
      expose: [...new Set(expose)],
    },
    groups: once(() => controlGroups(owner, log)),
  });
  const host = createLocalHost({
    ...{
      backends: [sandbox],
      clock: systemClock,
      random: systemRandom,
      log: kernelLog,
      directory: workDir,
      capacity,
    },
    records: join(workDir, '.records'),
    reuse: resume,
    secrets: localSecrets(),
  });
  const warned = new Set<string>();
  return {
    ...host,
    run: ({ image, ...request }, signal) => {
      if (image !== undefined && !warned.has(image)) {
        warned.add(image);
        log.log(
          'debug',
          'runtime',
          `the image ${image} is not used: the task runs in the sandbox with this machine's programs`,
        );
      }
      const { resources } = request;
      const cpus = Math.min(resources.cpus, capacity.cpus);
      const memoryBytes = Math.max(4 * 2 ** 20, Math.min(resources.memoryBytes, capacity.memoryBytes));
      if (resources.cpus > cpus || resources.memoryBytes > memoryBytes)
        log.log(
          'debug',
          'runtime',
          `${request.name} asks for more than this machine has and gets what there is`,
        );
      return host.run({ ...request, resources: { ...resources, cpus, memoryBytes } }, signal);
    },
  };
}

function controlGroups(owner: string, log: FileLog): ControlGroups | 'unlimited' {
  try {
    return detectControlGroups({ owner });
  } catch (error) {
    if (!(error instanceof ControlGroupsUnavailable)) throw error;
    log.log('debug', 'runtime', `tasks run without limits: ${error.message}`);
    return 'unlimited';
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function printConfig(command: NextflowCommand): number {
  const log = new FileLog(resolve(command.log ?? '.nextflow.log'), true);
  try {
    const {
      positionals: [given = '.'],
    } = command;
    const { launched } = prepare({ ...command, positionals: [given] }, log, new AbortController().signal);
    process.stdout.write(configText(launched.config.values));
    return 0;
  } catch (error) {
    return log.fail(error);
  }
}
