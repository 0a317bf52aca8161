import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { TaskHost, TaskOutcome, TaskRequest } from '@helicase/runtime';
import { compileScript } from '../compile/script-compiler.ts';
import { setting } from '../config/config-loader.ts';
import { Channel } from '../dataflow/channel.ts';
import { applyOperator, operatorNames } from '../dataflow/operators/index.ts';
import { Network } from '../dataflow/network.ts';
import { openSession } from '../dataflow/session.ts';
import type { Dsl, Interpreter } from '../evaluate/interpreter.ts';
import type { Machine } from '../evaluate/machine.ts';
import { coerce } from '../evaluate/coerce.ts';
import type { LocalFiles } from '../files/local-files.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { parseScript } from '../syntax/script-parser.ts';
import { Source } from '../syntax/source.ts';
import type { Closure, Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { Params } from '../values/params.ts';
import type { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { Directives } from '../task/directives.ts';
import type { ExecRecords } from '../task/exec-record.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { SessionGlobals } from './globals.ts';
import {
  OutputDeclarations,
  type OutputDeclarationNode,
  type PublishedValue,
} from './output-declarations.ts';
import { ProcessComponent } from './process-component.ts';
import type { ProcessDefinition } from './process-definition.ts';
import type { ProcessRun } from './process-run.ts';
import type { Publication, Publisher } from './publisher.ts';
import type { RunLog } from './script-log.ts';
import { ScriptScope } from './script-scope.ts';
import { WorkflowComponent, type WorkflowDefinition } from './workflow-component.ts';
import type { NextflowObject, WorkflowObject } from './workflow-object.ts';
import { type Loop, recurse } from './recursion.ts';

export interface SessionOptions {
  readonly host: TaskHost;
  readonly signal: AbortSignal;
  readonly interpreter: Interpreter;
  readonly files: LocalFiles;
  readonly config: GroovyMap;
  readonly params: Params;
  readonly log: RunLog;
  readonly publisher: Publisher;
  readonly plugins: Plugins;
  readonly workflow: WorkflowObject;
  readonly nextflow: NextflowObject;
  readonly projectDir: string;
  readonly launchDir: string;
  readonly workDir: string;
  readonly runName: string;
  readonly stub: boolean;
  readonly preview: boolean;
  readonly args: readonly string[];
  readonly secrets: GroovyMap;
  readonly dumpChannels: 'all' | readonly string[] | undefined;
  readonly outputDir: string;
  /** The tasks see the project's folder as it is. */
  readonly exposesProject: boolean;
  /** Memory of a task that does not say. */
  defaultMemory(cpus: number): number;
  /** What was given to the command on its standard input, read when a script asks for `stdin`. */
  standardInput?(): string;
  /** Where `exec:` bodies are recorded; absent: they are run again. */
  readonly execRecords?: ExecRecords;
  /** Told of every task that ended. */
  onTask?(record: TaskRecord): void;
  /** Told of what the terminal shows of tasks. */
  tellTask(line: string): void;
}

export interface TaskRecord {
  readonly task: number;
  readonly hash: string;
  readonly process: string;
  readonly name: string;
  readonly attempt: number;
  readonly script: string;
  readonly outcome: TaskOutcome;
  readonly request: TaskRequest;
  readonly tag: Value;
  /** Why it ran instead of coming from the records, where these were looked at. */
  readonly why: string | undefined;
}

export interface TaskFailure {
  readonly report: string;
  readonly error: unknown;
  readonly name: string;
  readonly exitCode: number | undefined;
  readonly outcome: TaskOutcome | undefined;
  readonly finish: boolean;
}

interface TypedParameter {
  readonly name: string;
  readonly type: { readonly name: string; readonly optional: boolean } | null;
  readonly value: Closure | null;
  readonly place: number;
}

/** One run: its scripts, its channels and its tasks. */
export class Session implements Dsl {
  readonly network = new Network({ apply: applyOperator, names: operatorNames });
  readonly #options: SessionOptions;
  readonly #globals: SessionGlobals;
  readonly #scripts = new Map<string, ScriptScope>();
  readonly #sources = createHash('sha256');
  readonly #topics = new Map<string, Channel>();
  readonly #errors = new Map<string, number>();
  readonly #whenStarted: (() => void)[] = [];
  readonly #published: PublishedValue[] = [];
  readonly #path: string[] = [];
  readonly #loading: string[] = [];
  /** Of tasks, by their work directories. */
  readonly #finished = new Map<string, string>();
  readonly #stop = new AbortController();
  #context: object = {};
  #entry: WorkflowComponent | undefined;
  #outputs: OutputDeclarations | undefined;
  #folders = 0;
  #started = false;
  stopping = false;
  failure: TaskFailure | undefined;
  ignoredFailures = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.cancel(), { once: true });
    openSession(this.network, {
      print: (line, newLine) => options.log.print(newLine ? `${line}\n` : line),
      path: (location) => this.interpreter.path(location),
      temporaryFolder: () => this.#folder('tmp'),
      madeAt: (location) => this.#madeAt(location),
      dumpChannels: options.dumpChannels,
    });
    this.#globals = new SessionGlobals(this);
  }

  get host() {
    return this.#options.host;
  }
  get signal(): AbortSignal {
    return this.#stop.signal;
  }
  get interpreter() {
    return this.#options.interpreter;
  }
  get files() {
    return this.#options.files;
  }
  get config() {
    return this.#options.config;
  }
  get log() {
    return this.#options.log;
  }
  get plugins() {
    return this.#options.plugins;
  }
  get workflow() {
    return this.#options.workflow;
  }
  get nextflow() {
    return this.#options.nextflow;
  }
  get projectDir() {
    return this.#options.projectDir;
  }
  get launchDir() {
    return this.#options.launchDir;
  }
  get workDir() {
    return this.#options.workDir;
  }
  get runName() {
    return this.#options.runName;
  }
  get stub() {
    return this.#options.stub;
  }
  get preview() {
    return this.#options.preview;
  }
  standardInput(): string | undefined {
    return this.#options.standardInput?.();
  }
  get secrets() {
    return this.#options.secrets;
  }
  get args(): Value[] {
    return [...this.#options.args];
  }
  get params() {
    return this.#options.params;
  }
  get exposesProject() {
    return this.#options.exposesProject;
  }
  get execRecords() {
    return this.#options.execRecords;
  }
  get outputDir() {
    return this.#options.outputDir;
  }
  get context(): object {
    return this.#context;
  }
  get entry(): WorkflowComponent | undefined {
    return this.#entry;
  }

  /** A name that every script has. */
  lookupGlobal(name: string): Value {
    return this.#globals.lookup(name, new ScriptScope(this.projectDir, this.params, this.#globals)) ?? null;
  }

  /** `Nextflow.error(...)`: functions of scripts, for classes. */
  functionsObject(): GroovyObject {
    return new ScriptObject(new ScriptScope(this.projectDir, this.params, this.#globals));
  }

  /** The names of handlers in the configuration. */
  handlerScope(): ScriptScope {
    return new ScriptScope(this.projectDir, this.params, this.#globals);
  }

  /** The names in a file of `lib/`: classes see Nextflow's functions too. */
  libraryScope({ file, text }: Source): ScriptScope {
    this.#sources.update(text);
    return new ScriptScope(file, this.params, this.#globals);
  }

  // Scripts

  /** Reads the main script and what it includes; then its workflow is built, or the one that is asked for. */
  build(file: string, entry?: string): void {
    const script = this.#load(file, this.params);
    const wanted = entry === undefined ? this.#entry : script.exported(entry);
    if (entry !== undefined && !(wanted instanceof WorkflowComponent)) {
      throw fault(`Unknown workflow entry name: ${entry}.${suggestion(entry, script.exportedNames())}`);
    }
    if (wanted instanceof WorkflowComponent) this.#runEntry(wanted);
    else this.#runOnlyProcess(script);
    this.#outputs?.connect(this.#published, this);
    this.network.whenIdle(() => this.#topics.forEach((topic) => topic.close()));
  }

  #runEntry(wanted: WorkflowComponent): void {
    this.#entry = wanted;
    try {
      wanted.run([]);
    } catch (error) {
      throw wanted.machine.located(error, wanted.definition.place);
    }
  }

  /** A script that is one process and nothing else: its inputs are parameters. */
  #runOnlyProcess(script: ScriptScope): void {
    const all = [...script.components.values()].filter((one) => one instanceof ProcessComponent);
    const [only] = all;
    if (!only || all.length > 1 || this.#ranSomething(script)) return;
    const inputs = only.definition.inputs.map(({ kind, name }) => {
      const value = name === null ? null : (this.params.get(name) ?? null);
      if (value === null)
        throw fault(`The process "${only.name}" is run alone: give its input as --${name ?? kind}.`);
      return kind === 'path' || kind === 'typed' ? this.interpreter.path(text(value)) : value;
    });
    only.run(inputs);
  }

  #ranSomething(script: ScriptScope): boolean {
    return (
      [...script.components.values()].some((one) => one instanceof WorkflowComponent) ||
      this.#whenStarted.length > 0
    );
  }

  #load(file: string, params: Params): ScriptScope {
    if (this.#loading.includes(file))
      throw fault(`The module ${file} includes itself: ${[...this.#loading, file].join(' -> ')}.`);
    const known = this.#scripts.get(file);
    if (known && known.params === params) return known;
    const source = new Source(file, this.files.read(file).toString('utf8'));
    this.#sources.update(source.text);
    const script = new ScriptScope(file, params, this.#globals);
    this.#scripts.set(file, script);
    this.interpreter.register(script, script, new ScriptObject(script));
    this.#loading.push(file);
    this.interpreter.run(compileScript(source, parseScript(source)), script);
    this.#loading.pop();
    return script;
  }

  include(
    scope: Scope,
    names: readonly { name: string; alias: string }[],
    path: Value,
    given: readonly Value[],
    replaces: boolean,
  ): void {
    if (!(scope instanceof ScriptScope)) throw fault('An include belongs at the top of a script.');
    const written = text(path);
    if (written.startsWith('plugin/')) {
      for (const { alias, name } of names) scope.define(alias, this.plugins.included(written.slice(7), name));
      return;
    }
    const file = this.#moduleFile(scope, written);
    const script = this.#load(file, this.#moduleParams(scope.params, given[0], replaces));
    for (const { alias, name } of names) {
      const component = script.exported(name);
      if (component === undefined) {
        throw fault(
          `Cannot find a component with name '${name}' in module: ${file}.${suggestion(name, script.exportedNames())}`,
        );
      }
      scope.define(
        alias,
        component instanceof ProcessComponent || component instanceof WorkflowComponent
          ? component.named(alias)
          : component,
      );
    }
  }

  #moduleFile(scope: ScriptScope, written: string): string {
    if (!/^\.{0,2}\//.test(written)) {
      throw fault(
        `The module "${written}" is not a path. Begin it with ./, ../ or /: include { NAME } from './${written}'.`,
      );
    }
    const base = resolve(dirname(scope.file), written);
    const places = [base, `${base}.nf`, join(base, 'main.nf')];
    const found = places.find((place) => this.files.stat(place)?.isFile);
    if (found) return found;
    throw fault(
      `Can't find a matching module file for include: ${written} (looked for ${places.join(', ')})`,
      'NoSuchFileException',
    );
  }

  /** `addParams` sets over what the including script has, `params` instead of it. */
  #moduleParams(outer: Params, given: Value, replaces: boolean): Params {
    if (!(given instanceof GroovyMap)) return outer;
    const params = new Params();
    if (!replaces) for (const [name, value] of outer.entries()) if (!given.has(name)) params.set(name, value);
    for (const [name, value] of given) params.set(name, value);
    params.lock();
    return params;
  }

  defineProcess(scope: Scope, definition: unknown, machine: Machine): void {
    const process = definition as ProcessDefinition;
    const component = new ProcessComponent(process.name, process, machine, scope, this);
    component.check();
    this.#declare(scope, process.name, component, machine, process.place);
  }

  defineWorkflow(scope: Scope, definition: unknown, machine: Machine): void {
    const workflow = definition as WorkflowDefinition;
    const component = new WorkflowComponent(workflow.name ?? '', workflow, machine, scope, this);
    if (workflow.name !== null) this.#declare(scope, workflow.name, component, machine, workflow.place);
    else if (this.#loading.length === 1) this.#entry = component;
  }

  #declare(scope: Scope, name: string, component: Value, machine: Machine, place: number): void {
    const module = this.interpreter.module(scope);
    if (module instanceof ScriptScope && module.components.has(name)) {
      throw machine.located(
        fault(
          `The name "${name}" is there already: a function, process or workflow with it is defined or included above.`,
        ),
        place,
      );
    }
    module.define(name, component);
  }

  /** Of the main script; that of a script which is included is for when it is run itself. */
  defineOutputs(_scope: Scope, declarations: unknown, machine: Machine): void {
    if (this.#loading.length > 1) return;
    this.#outputs = new OutputDeclarations(declarations as readonly OutputDeclarationNode[], machine);
  }

  declareParams(scope: Scope, parameters: unknown, machine: Machine): void {
    const { params } = scope as ScriptScope;
    const declared = parameters as readonly TypedParameter[];
    const unknown = [...params.plain().keys()].find(
      (name) => params.given.has(name) && !declared.some((one) => one.name === name),
    );
    if (unknown !== undefined && this.#loading.length === 1) {
      throw fault(
        `Parameter \`${text(unknown)}\` was specified on the command line or params file but is not declared in the script or config.${suggestion(
          text(unknown),
          declared.map(({ name }) => name),
        )}`,
      );
    }
    for (const parameter of declared) {
      try {
        this.#declareParam(params, parameter);
      } catch (error) {
        throw machine.located(error, parameter.place);
      }
    }
  }

  #declareParam(params: Params, { name, type, value }: TypedParameter): void {
    if (!params.has(name)) {
      if (value) params.set(name, this.#typed(value.apply([]), type, name));
      else if (type?.optional || type?.name === 'Boolean')
        params.set(name, type.name === 'Boolean' && !type.optional ? false : null);
      else
        throw fault(
          `Parameter \`${name}\` is required but was not specified on the command line, params file, or config`,
        );
      return;
    }
    params.replace(name, this.#typed(params.get(name), type, name));
  }

  #typed(value: Value, type: TypedParameter['type'], name: string): Value {
    if (type === null || value === null) return value;
    try {
      return coerce(value, { name: type.name, array: false }, this.interpreter);
    } catch {
      throw fault(`Parameter \`${name}\` with type ${type.name} cannot be assigned to ${text(value)}`);
    }
  }

  /** The processes that were called, with their containers. */
  containers(): { name: string; container: string }[] {
    return [...this.#called].map(([name, image]) => ({ name, container: image() ?? '' }));
  }

  readonly #called = new Map<string, () => string | undefined>();

  called(name: string, image: () => string | undefined): void {
    this.#called.set(name, image);
  }

  // Channels

  channel(isValue: boolean): Channel {
    return new Channel(this.network, isValue);
  }

  topic(name: string): Channel {
    const known = this.#topics.get(name);
    if (known) return known;
    const made = this.channel(false);
    this.#topics.set(name, made);
    return made;
  }

  /** Runs a workflow's body in a context of its own, in which every process is called once. */
  within<T>(name: string, evaluate: () => T): T {
    const outer = this.#context;
    this.#context = {};
    if (name !== '') this.#path.push(name);
    const result = evaluate();
    if (name !== '') this.#path.pop();
    this.#context = outer;
    return result;
  }

  qualified(name: string): string {
    return [...this.#path, name].join(':');
  }

  /** What the `output` block published, by name; empty where the script has none. */
  publishedOutputs(): GroovyMap {
    return this.#outputs?.published() ?? new GroovyMap();
  }

  publish(value: PublishedValue): void {
    this.#published.push(value);
  }

  recurse(component: Loop, args: readonly Value[]): Value {
    return recurse(component, args, this);
  }

  // Running

  whenStarted(act: () => void): void {
    if (this.#started) act();
    else this.#whenStarted.push(act);
  }

  async run(): Promise<void> {
    this.#started = true;
    for (const act of this.#whenStarted.splice(0)) act();
    await this.network.run();
  }

  cancel(): void {
    this.stopping = true;
    this.#stop.abort(new Error('The run was cancelled.'));
    this.network.fail(fault('The run was cancelled.', 'InterruptedException'));
  }

  mostTasks(process: ProcessRun): number {
    const { definition } = process.component;
    const own = definition.directives.find(({ name }) => name === 'maxForks')?.args.apply([]) as
      Value[] | undefined;
    const forks = Number(own?.[0] ?? setting(this.config, 'process.maxForks') ?? 0);
    const queue = Number(setting(this.config, 'executor.queueSize') ?? 100);
    return Math.max(1, Math.min(forks > 0 ? forks : Infinity, queue));
  }

  countError(process: string): number {
    const count = (this.#errors.get(process) ?? 0) + 1;
    this.#errors.set(process, count);
    return count;
  }

  /** Ends the run with a task: at once, or when the others have finished. */
  async failTask(failure: TaskFailure): Promise<void> {
    if (this.failure) return;
    this.failure = failure;
    this.stopping = true;
    if (failure.finish) return;
    this.#stop.abort(new Error('Another task failed.'));
    this.network.fail(failure.error);
  }

  get failOnIgnore(): boolean {
    return truth(setting(this.config, 'workflow.failOnIgnore') ?? false);
  }

  ignored(): void {
    this.ignoredFailures += 1;
  }

  note(message: string): void {
    this.log.log('info', 'nextflow.processor.TaskProcessor', message);
  }

  tellTask(line: string): void {
    this.#options.tellTask(line);
  }

  record(record: TaskRecord): void {
    this.#options.onTask?.(record);
  }

  trust(folder: string): void {
    this.files.trust(folder);
  }

  /** A task's files may be read now, and are known to come after those of tasks that ended before it. */
  ended({ finishedAt, workDirectory }: Pick<TaskOutcome, 'finishedAt' | 'workDirectory'>): void {
    this.trust(workDirectory);
    this.#finished.set(workDirectory, `${String(finishedAt).padStart(15, '0')} ${workDirectory}`);
  }

  /** What sorts a file by when the task that made it ended; undefined where no task did. */
  #madeAt(location: string): string | undefined {
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

  defaultMemory(cpus: number): number {
    return this.#options.defaultMemory(cpus);
  }

  image(directives: Directives): string | undefined {
    const image = directives.get('container') ?? null;
    return image === null || image === '' || image === false ? undefined : text(image);
  }

  network_(directives: Directives): boolean {
    const options = text(directives.get('containerOptions') ?? '');
    return /--net(work)?[= ]host/.test(options);
  }

  get environment(): Record<string, string> {
    const scope = setting(this.config, 'env');
    return scope instanceof GroovyMap
      ? Object.fromEntries(Array.from(scope, ([name, value]) => [text(name), text(value)]))
      : {};
  }

  /** `bin` of the project, of `lib`'s neighbour modules, where they are. */
  programFolders(moduleDir: string): string[] {
    const own = truth(this.nextflow.flag('moduleBinaries'))
      ? [join(moduleDir, 'resources', 'usr', 'bin')]
      : [];
    const found = [join(this.projectDir, 'bin'), ...own].filter(
      (folder) => this.files.stat(folder)?.isDirectory && readdirSync(folder).length > 0,
    );
    return this.exposesProject ? found : found.map((folder) => this.#executable(folder));
  }

  readonly #programs = new Map<string, string>();

  /** A copy whose programs can be executed: a definition's zip does not tell that they are. */
  #executable(folder: string): string {
    const known = this.#programs.get(folder);
    if (known !== undefined) return known;
    const copy = this.#folder('bin');
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (this.files.stat(join(folder, name))?.isDirectory) continue;
      this.files.copy(join(folder, name), join(copy, name));
      this.files.setMode(join(copy, name), 0o755);
    }
    this.#programs.set(folder, copy);
    return copy;
  }

  storeFolder(written: string): string {
    if (!this.exposesProject)
      throw fault(
        'storeDir is not supported on a server: a cache of the run reuses finished tasks.',
        'UnsupportedOperationException',
      );
    return resolve(this.launchDir, written);
  }

  openPublished(folder: string): void {
    this.#options.publisher.open?.(folder);
  }

  publishFile(publication: Publication): string {
    return this.#options.publisher.publish(publication);
  }

  #folder(kind: string, name = String((this.#folders += 1))): string {
    const folder = join(this.host.scratch(), kind, name);
    mkdirSync(folder, { recursive: true });
    this.trust(folder);
    return folder;
  }

  /** Of a name that does not change from run to run, where one is given. */
  execFolder(name?: string): string {
    return this.#folder('exec', name);
  }

  /** Of all scripts that the run has read. */
  sourcesDigest(): string {
    return this.#sources.copy().digest('hex');
  }

  scratchFile(name: string, content: string): FilePath {
    const path = join(this.#folder('values'), name);
    writeFileSync(path, content);
    return this.interpreter.path(path);
  }
}

/** A script as `this`. */
class ScriptObject extends GroovyObject {
  readonly className = 'Script';
  readonly #scope: ScriptScope;

  constructor(scope: ScriptScope) {
    super();
    this.#scope = scope;
  }

  override property(name: string): Value | undefined {
    return this.#scope.lookup(name);
  }

  override setProperty(name: string, value: Value): boolean {
    return this.#scope.assign(name, value);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    return this.#scope.call(name, args);
  }

  toString(): string {
    return this.#scope.file;
  }
}
