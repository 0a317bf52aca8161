import { resolve } from 'node:path';
import type { TaskHost, TaskOutcome, TaskRequest } from '@helicase/runtime';
import { setting } from '../config/config-loader.ts';
import { Channel } from '../dataflow/channel.ts';
import { applyOperator, operatorNames } from '../dataflow/operators/index.ts';
import { Network } from '../dataflow/network.ts';
import { openSession } from '../dataflow/session.ts';
import type { Interpreter } from '../evaluate/interpreter.ts';
import type { LocalFiles } from '../files/local-files.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { Params } from '../values/params.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import type { Directives } from '../task/directives.ts';
import type { ExecRecords } from '../task/exec-record.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { SessionGlobals } from './globals.ts';
import type { PublishedValue } from './output-declarations.ts';
import { ProcessComponent } from './process-component.ts';
import type { ProcessRun } from './process-run.ts';
import type { Publication, Publisher } from './publisher.ts';
import type { Provenance } from '../plugins/provenance/provenance.ts';
import { isUri } from '../files/files.ts';
import type { RunLog } from './script-log.ts';
import { Places } from './places.ts';
import { RunFiles } from './run-files.ts';
import { RunStats } from './run-stats.ts';
import { ScriptObject } from './script-object.ts';
import { ScriptScope } from './script-scope.ts';
import { Scripts } from './scripts.ts';
import { WorkflowComponent } from './workflow-component.ts';
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
  /** Told of tasks and published files, where nf-prov is asked for. */
  readonly provenance?: Provenance;
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
  /** Told of every `exec:` body that ended, by its process. */
  onBody?(process: string): void;
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

/** One run: its scripts, its channels and its tasks. */
export class Session {
  readonly network = new Network({ apply: applyOperator, names: operatorNames });
  readonly #options: SessionOptions;
  readonly #globals: SessionGlobals;
  readonly scripts: Scripts;
  /** `executor.queueSize`: so many tasks of all processes at a time. */
  readonly places: Places;
  readonly runFiles: RunFiles;
  readonly #topics = new Map<string, Channel>();
  readonly #errors = new Map<string, number>();
  readonly #whenStarted: (() => void)[] = [];
  readonly #published: PublishedValue[] = [];
  readonly #path: string[] = [];
  readonly #stop = new AbortController();
  #context: object = {};
  #entry: WorkflowComponent | undefined;
  #started = false;
  stopping = false;
  failure: TaskFailure | undefined;
  readonly stats = new RunStats();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.places = new Places(Number(setting(options.config, 'executor.queueSize') ?? Infinity));
    options.signal.addEventListener('abort', () => this.cancel(), { once: true });
    openSession(this.network, {
      print: (line, newLine) => options.log.print(newLine ? `${line}\n` : line),
      path: (location) => this.interpreter.path(location),
      temporaryFolder: () => this.runFiles.folder('tmp'),
      madeAt: (location) => this.runFiles.madeAt(location),
      dumpChannels: options.dumpChannels,
    });
    this.runFiles = new RunFiles({
      ...{ files: options.files, projectDir: options.projectDir, exposesProject: options.exposesProject },
      scratch: () => options.host.scratch(),
      path: (location) => options.interpreter.path(location),
    });
    this.#globals = new SessionGlobals(this);
    this.scripts = new Scripts(this, this.#globals);
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
  get provenance() {
    return this.#options.provenance;
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

  // Scripts

  /** Reads the main script and what it includes; then its workflow is built, or the one that is asked for. */
  build(file: string, entry?: string): void {
    const script = this.scripts.load(file, this.params);
    const wanted = entry === undefined ? this.scripts.entry : script.exported(entry);
    if (entry !== undefined && !(wanted instanceof WorkflowComponent)) {
      throw fault(`Unknown workflow entry name: ${entry}.${suggestion(entry, script.exportedNames())}`);
    }
    if (wanted instanceof WorkflowComponent) this.#runEntry(wanted);
    else this.#runOnlyProcess(script);
    this.scripts.outputs?.connect(this.#published, this);
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
    this.network.graph.origin(made, `topic ${name}`);
    this.#topics.set(name, made);
    return made;
  }

  /** Runs a workflow's body in a context of its own, in which every process is called once. */
  within<T>(name: string, evaluate: () => T): T {
    const outer = this.#context;
    this.#context = {};
    if (name !== '') this.#path.push(name);
    this.network.graph.enter(this.#path);
    const result = evaluate();
    if (name !== '') this.#path.pop();
    this.network.graph.enter(this.#path);
    this.#context = outer;
    return result;
  }

  qualified(name: string): string {
    return [...this.#path, name].join(':');
  }

  /** What the `output` block published, by name; empty where the script has none. */
  publishedOutputs(): GroovyMap {
    return this.scripts.outputs?.published() ?? new GroovyMap();
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

  retried(): void {
    this.stats.count('retries');
  }

  ignored(): void {
    this.stats.count('ignored');
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

  bodyEnded(process: string, cached: boolean): void {
    this.stats.count(cached ? 'cached' : 'succeeded');
    this.#options.onBody?.(process);
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
    const { folder, file, name } = publication;
    const target = isUri(folder) ? `${folder}/${name}` : resolve(this.launchDir, folder, name);
    this.provenance?.addPublished({ source: file.absolute, target });
    return this.#options.publisher.publish(publication);
  }
}
