import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TaskHost } from '@helicase/runtime';
import { compileScript } from '../compile/script-compiler.ts';
import { type LoadedConfig, loadConfig, setting } from '../config/config-loader.ts';
import { Interpreter } from '../evaluate/interpreter.ts';
import type { UserClass } from '../evaluate/instance.ts';
import type { LocalFiles } from '../files/local-files.ts';
import { Plugins } from '../plugins/plugins.ts';
import { Provenance } from '../plugins/provenance/provenance.ts';
import { fgbio } from '../plugins/fgbio.ts';
import { nfCoreUtils } from '../plugins/nf-core-utils.ts';
import { schemaPlugins } from '../plugins/schema.ts';
import { absolutePath } from '../run/globals.ts';
import type { Publisher } from '../run/publisher.ts';
import type { RunLog } from '../run/script-log.ts';
import { Session, type TaskRecord } from '../run/session.ts';
import { NextflowObject, WorkflowObject } from '../run/workflow-object.ts';
import type { ExecRecords } from '../task/exec-record.ts';
import { parseScript } from '../syntax/script-parser.ts';
import { Source } from '../syntax/source.ts';
import type { Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { Params } from '../values/params.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';

export interface LaunchOptions {
  /** The main script, absolute. */
  readonly main: string;
  readonly projectDir: string;
  readonly launchDir: string;
  readonly workDir: string;
  readonly configFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly showProfiles?: boolean;
  /** Parameters of the command line and of its file. */
  readonly params: readonly (readonly [string, Value])[];
  /** Settings over those of the configuration: `process.cpus`. */
  readonly settings?: readonly (readonly [string, Value])[];
  readonly host: TaskHost;
  readonly signal: AbortSignal;
  readonly files: LocalFiles;
  readonly log: RunLog;
  readonly publisher: Publisher;
  readonly runName: string;
  readonly sessionId: string;
  readonly commandLine: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly outputDir?: string;
  readonly entry?: string;
  readonly args?: readonly string[];
  readonly stub?: boolean;
  readonly preview?: boolean;
  readonly resume?: boolean;
  readonly version?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly dumpChannels?: 'all' | readonly string[];
  readonly exposesProject: boolean;
  readonly execRecords?: ExecRecords;
  defaultMemory(cpus: number): number;
  execute?(command: readonly string[]): Value;
  standardInput?(): string;
  onTask?(record: TaskRecord): void;
  onBody?(process: string): void;
  tellTask(line: string): void;
}

/** A run that is configured, and can be built and run. */
export interface Launch {
  readonly session: Session;
  readonly config: LoadedConfig;
  readonly workflow: WorkflowObject;
}

/** Nothing is fetched here, and that is how Nextflow tells it: nf-core's pipelines then include no remote configuration. */
const OFFLINE = { NXF_OFFLINE: 'true' };

/** Reads the configuration and makes the session; nothing of the script has run then. */
export function launch(given: LaunchOptions): Launch {
  const options = { ...given, environment: { ...OFFLINE, ...given.environment } };
  const { files, launchDir, log } = options;
  const nextflow = new NextflowObject(options.version);
  const interpreter = new Interpreter({
    path: (location) => new FilePath(files, absolutePath(location, launchDir)),
    print: (line) => log.print(`${line}\n`),
    random: Math.random,
    now: Date.now,
    environment: options.environment,
    ...(options.execute ? { execute: options.execute } : {}),
    classes: { nextflow },
    dsl: () => session.scripts,
  });
  const config = readConfig(options, interpreter);
  for (const [path, value] of options.settings ?? []) setAt(config.values, path.split('.'), value);
  const params = config.values.get('params') as Params;
  params.lock();
  params.onUndefined = warnOnce(log);
  checkManifest(config.values, nextflow);
  const plugins = new Plugins(
    {
      ...schemaPlugins({
        ...{ params, files, projectDir: options.projectDir, interpreter, log, config: config.values },
      }),
      'nf-core-utils': nfCoreUtils({ config: config.values, nextflowVersion: text(nextflow.version) }),
      'nf-fgbio': fgbio,
      'nf-prov': { functions: {} },
    },
    (message) => log.log('warn', 'nextflow.plugin', message),
  );
  plugins.check(config.plugins);
  const provenance = Provenance.of(config.values, config.plugins, options.environment);
  const workflow = new WorkflowObject(workflowFacts(options, config.values, nextflow, interpreter));
  warnOfExecutor(config.values, log);
  const session: Session = new Session({
    ...{
      host: options.host,
      signal: options.signal,
      interpreter,
      files,
      config: config.values,
      params,
      log,
      publisher: options.publisher,
      plugins,
      workflow,
      nextflow,
    },
    ...{
      projectDir: options.projectDir,
      launchDir,
      workDir: options.workDir,
      runName: options.runName,
      stub: options.stub ?? false,
      preview: options.preview ?? false,
    },
    ...{
      args: options.args ?? [],
      secrets: GroovyMap.of(options.secrets ?? {}),
      dumpChannels: options.dumpChannels,
      exposesProject: options.exposesProject,
    },
    ...(provenance ? { provenance } : {}),
    outputDir: outputFolder(options, config.values),
    defaultMemory: (cpus) => options.defaultMemory(cpus),
    tellTask: (line) => options.tellTask(line),
    ...(options.execRecords ? { execRecords: options.execRecords } : {}),
    ...(options.onTask ? { onTask: options.onTask } : {}),
    ...(options.onBody ? { onBody: options.onBody } : {}),
    ...(options.standardInput ? { standardInput: options.standardInput } : {}),
  });
  workflow.facts.set('stats', session.stats);
  loadLibrary(join(options.projectDir, 'lib'), session, interpreter);
  interpreter.defineClass('Channel', session.lookupGlobal('Channel'));
  interpreter.defineClass('Nextflow', session.functionsObject());
  return { session, config, workflow };
}

function setAt(map: GroovyMap, [first = '', ...rest]: readonly string[], value: Value): void {
  if (rest.length === 0) {
    map.set(first, value);
    return;
  }
  const inner = map.has(first) ? map.get(first) : undefined;
  const next = inner instanceof GroovyMap ? inner : new GroovyMap();
  map.set(first, next);
  setAt(next, rest, value);
}

function outputFolder(options: LaunchOptions, config: GroovyMap): string {
  return absolutePath(
    text(options.outputDir ?? setting(config, 'outputDir') ?? 'results'),
    options.launchDir,
  );
}

export function readConfig(
  options: Pick<
    LaunchOptions,
    | 'configFiles'
    | 'environment'
    | 'files'
    | 'launchDir'
    | 'log'
    | 'params'
    | 'profiles'
    | 'projectDir'
    | 'secrets'
    | 'showProfiles'
  >,
  interpreter: Interpreter,
): LoadedConfig {
  const params = new Params();
  for (const [name, value] of options.params) params.set(name, value);
  params.lockGiven();
  return loadConfig(options.configFiles, {
    ...{ files: options.files, interpreter, params, profiles: options.profiles },
    showProfiles: options.showProfiles ?? false,
    ...{ projectDir: options.projectDir, launchDir: options.launchDir, environment: options.environment },
    secrets: GroovyMap.of(options.secrets ?? {}),
    // In Nextflow's words, which its own checks look for; nothing is read twice here.
    onSecrets: () =>
      options.log.log(
        'debug',
        'nextflow.config.ConfigBuilder',
        'Config file used secrets -- reloading config with secrets provider',
      ),
  });
}

/** A setting as text; undefined where there is none. */
export function textSetting({ config }: Launch, name: string): string | undefined {
  const value = setting(config.values, name);
  return value === undefined ? undefined : text(value);
}

function warnOnce(log: RunLog): (name: string) => void {
  const warned = new Set<string>();
  return (name) => {
    if (warned.has(name)) return;
    warned.add(name);
    log.log(
      'warn',
      'nextflow.script.ScriptBinding',
      `Access to undefined parameter \`${name}\` -- Initialise it to a default value eg. \`params.${name} = some_value\``,
    );
  };
}

/** `manifest.nextflowVersion` with "!" must hold; without it, it is advice. */
function checkManifest(config: GroovyMap, nextflow: NextflowObject): void {
  const wanted = setting(config, 'manifest.nextflowVersion');
  if (wanted === undefined) return;
  const condition = text(wanted);
  if (!nextflow.version.matches(condition) && condition.trim().startsWith('!')) {
    throw fault(
      `Nextflow version ${nextflow.version} does not match workflow required version: ${condition.trim().slice(1)}`,
      'AbortOperationException',
    );
  }
}

function warnOfExecutor(config: GroovyMap, log: RunLog): void {
  const executor = setting(config, 'process.executor');
  if (executor === undefined || ['local', 'awsbatch'].includes(text(executor))) return;
  log.log(
    'warn',
    'nextflow.executor',
    `The executor "${text(executor)}" is not used: tasks run where the run does.`,
  );
}

function workflowFacts(
  options: LaunchOptions,
  config: GroovyMap,
  nextflow: NextflowObject,
  interpreter: Interpreter,
): Record<string, Value> {
  const manifest = new GroovyMap();
  const defaults = [
    'name',
    'author',
    'contributors',
    'homePage',
    'description',
    'mainScript',
    'version',
    'nextflowVersion',
    'doi',
    'defaultBranch',
    'icon',
    'organization',
    'docsUrl',
    'license',
  ];
  for (const name of defaults)
    manifest.set(
      name,
      name === 'contributors'
        ? []
        : name === 'mainScript'
          ? 'main.nf'
          : name === 'defaultBranch'
            ? 'master'
            : null,
    );
  const own = config.get('manifest');
  if (own instanceof GroovyMap) for (const [name, value] of own) manifest.set(name, value);
  const { main, projectDir } = options;
  return {
    ...{
      manifest,
      runName: options.runName,
      sessionId: options.sessionId,
      commandLine: options.commandLine,
      nextflow,
      scriptName: basename(main),
      scriptId: null,
    },
    ...{
      scriptFile: interpreter.path(main),
      projectDir: interpreter.path(projectDir),
      launchDir: interpreter.path(options.launchDir),
      workDir: interpreter.path(options.workDir),
    },
    ...{
      homeDir: interpreter.path(options.environment['HOME'] ?? '/'),
      userName: options.environment['USER'] ?? 'root',
      profile: options.profiles.join(',') || 'standard',
      resume: options.resume ?? false,
    },
    ...{
      stubRun: options.stub ?? false,
      configFiles: options.configFiles.map((file) => interpreter.path(file)),
      projectName: text(manifest.get('name') ?? basename(projectDir)),
    },
    outputDir: interpreter.path(outputFolder(options, config)),
  };
}

/** Classes of `lib/`, which every script may use. */
function loadLibrary(folder: string, session: Session, interpreter: Interpreter): void {
  if (!session.files.stat(folder)?.isDirectory) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((one) => one.endsWith('.groovy'))
    .sort()) {
    const file = join(folder, name);
    const source = new Source(file, session.files.read(file).toString('utf8'));
    const scope = session.scripts.libraryScope(source);
    interpreter.register(
      scope,
      {
        addFunction: () => {},
        define: (defined, value) => interpreter.defineClass(defined, value as UserClass),
      },
      null,
    );
    interpreter.run(compileScript(source, parseScript(source)), scope as Scope);
  }
}
