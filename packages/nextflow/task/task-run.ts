import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type StagedInput, succeeded, type TaskOutcome, type TaskRequest } from '@helicase/runtime';
import { processSettings } from '../config/process-settings.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import { compileBlock } from '../compile/script-compiler.ts';
import { isUri } from '../files/files.ts';
import { items } from '../evaluate/items.ts';
import { parseTemplate } from '../syntax/template-parser.ts';
import { Source } from '../syntax/source.ts';
import { Closure } from '../values/closure.ts';
import { Duration } from '../values/duration.ts';
import { fault } from '../values/errors.ts';
import { caught } from '../values/exception.ts';
import { GroovyMap } from '../values/map.ts';
import { MemoryUnit } from '../values/memory.ts';
import { toDouble } from '../values/number.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import type { Declared } from '../run/process-definition.ts';
import type { ProcessRun } from '../run/process-run.ts';
import { Directives } from './directives.ts';
import { errorReport, failureCause } from './error-report.ts';
import { TaskInputs } from './task-inputs.ts';
import { ABSENT, TaskOutputs } from './task-outputs.ts';
import { publishTask } from './publish.ts';
import { TaskObject, TaskScope } from './task-scope.ts';
import { captureText, commandText, INPUTS, PROGRAMS, WORK, wrapperText } from './task-script.ts';
import { stageNames } from './stage-names.ts';
import { store, storedOutputs } from './store.ts';

const STRATEGIES = ['terminate', 'finish', 'ignore', 'retry'] as const;
/** Whether a task is run or taken from the records is known when it has been looked up. */
const SUBMITTED_AFTER = 3_000;
type Strategy = (typeof STRATEGIES)[number];

/** Everything of one attempt. */
interface Attempt {
  readonly number: number;
  readonly scope: TaskScope;
  readonly directives: Directives;
  readonly task: TaskObject;
  readonly inputs: TaskInputs;
  script: string;
  outcome: TaskOutcome | undefined;
}

/** One task of a process, over its attempts, to what it emits. */
export class TaskRun {
  readonly index: number;
  readonly #process: ProcessRun;
  readonly #values: readonly Value[];
  #hash = '';
  #name = '';
  fair = false;
  #started = Date.now();
  #submitted = false;
  #previous: TaskOutcome | undefined;
  #previousMemory: Value = null;
  #previousFault: Value = null;

  constructor(process: ProcessRun, index: number, values: readonly Value[]) {
    this.#process = process;
    this.index = index;
    this.#values = values;
  }

  get #component() {
    return this.#process.component;
  }

  get #session() {
    return this.#process.component.session;
  }

  /** What is to be done with the results; nothing where the task was left out or its failure is ignored. */
  async run(): Promise<() => void> {
    for (let number = 1; ; number += 1) {
      const attempt = this.#attempt(number);
      try {
        const emit = await this.#perform(attempt);
        return emit;
      } catch (error) {
        if (this.#session.stopping || this.#session.network.stopped) return () => {};
        if (!(await this.#retries(attempt, error))) return () => {};
        this.#previous = attempt.outcome;
        const memory = attempt.task.property('memory');
        this.#previousMemory = memory instanceof MemoryUnit ? memory.bytes : null;
        this.#previousFault = `nextflow.exception.ProcessFailedException: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }

  #attempt(number: number): Attempt {
    const { definition, machine, name, scope: outer } = this.#component;
    const scope = new TaskScope(outer);
    const labels = definition.directives.flatMap((node) =>
      node.name === 'label'
        ? (node.args.withDelegate(scope, 'delegate-first').apply([]) as Value[]).map((label) => text(label))
        : [],
    );
    const names = [...new Set([definition.name, name, this.#process.name])];
    const settings = processSettings(this.#session.config, names, labels);
    const directives = new Directives(definition.directives, settings, scope, machine);
    const task = new TaskObject(
      {
        index: this.index,
        attempt: number,
        process: this.#process.name,
        name: () => this.#name || this.#process.name,
        hash: () => this.#hash,
        workDir: this.#session.interpreter.path(WORK),
        exitStatus: this.#previous?.exitCode ?? (number > 1 ? -1 : null),
        previousTrace: this.#previous
          ? GroovyMap.of({
              exit: this.#previous.exitCode ?? null,
              memory: this.#previousMemory,
              peak_rss: this.#previous.peakMemoryBytes ?? null,
            })
          : null,
        previousException: this.#previousFault,
      },
      directives,
      () => {
        const limits = directives.get('resourceLimits');
        return limits instanceof GroovyMap ? limits : undefined;
      },
    );
    scope.set('task', task);
    scope.set('moduleDir', this.#session.interpreter.path(this.#component.moduleDir));
    scope.set(
      'template',
      new Closure((_self, path) => this.#template(path, scope), scope, { arity: 1, start: 0, end: 0 }),
    );
    const inputs = new TaskInputs(scope, machine, this.#process.name, {
      path: (location) => this.#session.interpreter.path(location),
      scratchFile: (content) => this.#session.scratchFile(`input.${this.index}`, content),
    });
    return { number, scope, directives, task, inputs, script: '', outcome: undefined };
  }

  async #perform(attempt: Attempt): Promise<() => void> {
    const { definition, machine } = this.#component;
    const { directives, inputs, scope } = attempt;
    inputs.bindAll(definition.inputs, this.#values);
    this.#applyStage(attempt);
    this.fair = truth(directives.get('fair') ?? false);
    const tag = directives.get('tag') ?? null;
    this.#name =
      tag === null
        ? this.#process.single
          ? this.#process.name
          : `${this.#process.name} (${this.index})`
        : `${this.#process.name} (${text(tag).trim()})`;
    if (definition.when && !truth(definition.when.withDelegate(scope, 'delegate-first').apply([])))
      return () => {};
    if (this.#session.preview) return () => {};
    this.#hash = createHash('md5')
      .update(`${this.#process.name}\0${this.index}\0${attempt.number}\0${this.#session.runName}`)
      .digest('hex');
    const stub = this.#session.stub && definition.stub;
    const body = stub || definition.body!;
    if (definition.bodyKind === 'exec' && !stub) return this.#execute(attempt, body);
    const script = body.withDelegate(scope, 'delegate-first').apply([]);
    // After the script, whose variables may name the outputs.
    const stored = storedOutputs(attempt, definition.outputs, this.#session, this.#process.name);
    if (stored) {
      this.#session.log.log(
        'info',
        'nextflow.processor.TaskProcessor',
        `[skipping] Stored process > ${this.#name}`,
      );
      return this.#emitter(stored);
    }
    if (script === null)
      throw machine.located(
        fault(
          `The script of process "${this.#process.name}" gives nothing. Its last statement must be a text.`,
        ),
        definition.place,
      );
    return await this.#command(
      attempt,
      definition.bodyKind === 'shell' && !stub ? this.#shellText(text(script), scope, body) : text(script),
    );
  }

  #applyStage(attempt: Attempt): void {
    const { definition } = this.#component;
    const names = new Map<string, string>();
    for (const node of definition.stage) {
      const args = node.args.withDelegate(attempt.scope, 'delegate-first').apply([]) as Value[];
      if (node.name === 'env') attempt.inputs.environment[text(args[0])] = text(args[1]);
      else if (node.name === 'stdin')
        attempt.inputs.stdin = args[0] instanceof FilePath ? args[0].read() : text(args[0]);
      else if (node.name === 'stageAs') restage(args, names);
      else
        throw this.#component.machine.located(
          fault(`"${node.name}" is not known in the section "stage:". Use env, stdin or stageAs.`),
          node.place,
        );
    }
    attempt.inputs.stageTyped(names);
  }

  /** `exec:`: the body itself is the task. */
  #execute(attempt: Attempt, body: Closure): () => void {
    this.#tellSubmitted(attempt, false);
    const folder = this.#session.execFolder();
    attempt.task.setProperty('workDir', this.#session.interpreter.path(folder));
    body.withDelegate(attempt.scope, 'delegate-first').apply([]);
    return this.#collect(attempt, folder, () => '', []);
  }

  async #command(attempt: Attempt, script: string): Promise<() => void> {
    const { definition } = this.#component;
    const shell = this.#shell(attempt);
    const commands = this.#evalCommands(attempt);
    const variables = environmentNames(definition.outputs);
    this.#bindOutputFunctions(attempt, undefined);
    attempt.script = commandText(script, shell);
    const request = this.#request(
      attempt,
      attempt.script + captureText([...variables, ...this.#typedVariables], commands),
      shell,
    );
    const submitted = setTimeout(() => this.#tellSubmitted(attempt, false), SUBMITTED_AFTER);
    this.#started = Date.now();
    const outcome = await this.#session.host.run(request, this.#session.signal);
    clearTimeout(submitted);
    attempt.outcome = outcome;
    attempt.task.setProperty('exitStatus', outcome.exitCode ?? null);
    this.#session.trust(outcome.workDirectory);
    this.#tellSubmitted(attempt, outcome.recorded === true);
    this.#session.record({
      task: this.index,
      hash: this.#shortHash(),
      process: this.#process.name,
      name: this.#name,
      attempt: attempt.number,
      script: attempt.script,
      outcome,
      request,
      tag: attempt.directives.get('tag') ?? null,
    });
    if (!succeeded(request, outcome))
      throw fault(failureCause(this.#name, outcome), 'ProcessFailedException');
    const stdout = () => readFileSync(outcome.stdoutPath, 'utf8');
    if (truth(attempt.directives.get('debug') ?? attempt.directives.get('echo') ?? false))
      this.#session.log.print(stdout());
    return this.#collect(attempt, outcome.workDirectory, stdout, commands);
  }

  #shell({ directives }: Attempt): string[] {
    const given = directives.get('shell');
    if (given === undefined || given === null) return ['/bin/bash', '-ue'];
    return Array.isArray(given) ? given.map((word) => text(word)) : text(given).split(/\s+/);
  }

  readonly #typedVariables: string[] = [];

  /** The commands of `eval` outputs, which must be known before the script is written. */
  #evalCommands(attempt: Attempt): string[] {
    const { outputs, topics } = this.#component.definition;
    const commands: string[] = [];
    const visit = (output: Declared) => {
      if (output.kind === 'eval' && output.value)
        commands.push(text(output.value.withDelegate(attempt.scope, 'delegate-first').apply([])));
      for (const item of output.items) visit(item);
    };
    for (const output of outputs) visit(output);
    this.#typedVariables.length = 0;
    this.#bindOutputFunctions(attempt, {
      command: (command) => commands.push(command),
      variable: (name: string) => this.#typedVariables.push(name),
    });
    for (const closure of [
      ...outputs.flatMap(({ kind, value }) => (kind === 'typed' && value ? [value] : [])),
      ...topics.map(({ value }) => value),
    ]) {
      try {
        closure.withDelegate(attempt.scope, 'delegate-first').apply([]);
      } catch (error) {
        // What the outputs need may not be there before the script has run; only the commands are wanted here.
        if (!(error instanceof ScriptFault)) throw error;
      }
    }
    return [...new Set(commands)];
  }

  /** `file`, `files`, `env`, `eval` and `stdout` in typed outputs. */
  #bindOutputFunctions(
    { scope }: Attempt,
    with_: TaskOutputs | { command(command: string): void; variable(name: string): void } | undefined,
    stdout: () => string = () => '',
  ): void {
    if (
      !this.#component.definition.outputs.some(({ kind }) => kind === 'typed') &&
      this.#component.definition.topics.length === 0
    )
      return;
    if (with_ === undefined) return;
    const define = (name: string, body: (args: readonly Value[]) => Value): void =>
      scope.set(
        name,
        new Closure(
          (_self: Closure, ...args: Value[]) => body(args.filter((arg) => arg !== undefined)),
          scope,
          { arity: 1, rest: true, start: 0, end: 0 },
        ),
      );
    const spread = (args: readonly Value[]) =>
      Array.isArray(args[0]) && args.length === 1 ? (args[0] as Value[]) : args;
    define('stdout', () => stdout());
    if (!(with_ instanceof TaskOutputs)) {
      define('eval', (args) => (with_.command(text(spread(args)[0])), ''));
      define('env', (args) => (with_.variable(text(spread(args)[0])), ''));
      define('file', () => null);
      define('files', () => []);
      return;
    }
    define('eval', (args) => with_.command(text(spread(args)[0])));
    define('env', (args) => with_.variable(text(spread(args)[0])));
    define('file', (args) => this.#outputFiles(with_, spread(args), true));
    define('files', (args) => this.#outputFiles(with_, spread(args), false));
  }

  #outputFiles(outputs: TaskOutputs, args: readonly Value[], one: boolean): Value {
    const options = args[0] instanceof GroovyMap ? args[0] : new GroovyMap();
    const pattern = text(args[0] instanceof GroovyMap ? args[1] : args[0]);
    const found = outputs.find(pattern, options);
    const optional = truth(options.get('optional') ?? false);
    if (found.length === 0 && !optional)
      throw fault(
        `Missing output file(s) \`${pattern}\` expected by process \`${this.#name}\``,
        'MissingFileException',
      );
    return one ? (found[0] ?? null) : found;
  }

  #template(path: Value, scope: TaskScope): Value {
    const written = text(path);
    const places =
      path instanceof FilePath || written.startsWith('/')
        ? [written]
        : [
            join(this.#component.moduleDir, 'templates', written),
            join(this.#session.projectDir, 'templates', written),
          ];
    const found = places.find((place) => this.#session.files.stat(place)?.isFile);
    if (found === undefined)
      throw fault(
        `There is no template "${written}" (looked for ${places.join(' and ')}).`,
        'NoSuchFileException',
      );
    const source = new Source(found, this.#session.files.read(found).toString('utf8'));
    const marker = this.#component.definition.bodyKind === 'shell' ? '!' : '$';
    return this.#rendered(source, marker, scope);
  }

  #rendered(source: Source, marker: '$' | '!', scope: TaskScope): Value {
    const expression = parseTemplate(source, marker);
    const { end, start } = expression;
    const statement = { kind: 'expression', expression, start, end } as const;
    return this.#session.interpreter.run(
      compileBlock(source, { kind: 'block', statements: [statement], start, end }),
      scope,
    );
  }

  #shellText(script: string, scope: TaskScope, body: Closure): string {
    void body;
    return text(this.#rendered(new Source(this.#component.machine.source.file, script), '!', scope));
  }

  #request(attempt: Attempt, command: string, shell: readonly string[]): TaskRequest {
    const { directives, inputs, task } = attempt;
    const programs = this.#session.programFolders(this.#component.moduleDir);
    const optionalText = (name: string) => {
      const value = directives.get(name) ?? null;
      return value === null ? undefined : text(value);
    };
    const wrapper = wrapperText({
      ...{
        shell,
        script: command,
        inputs: inputs.files,
        hasStdin: inputs.stdin !== undefined,
        programFolders: programs.length,
      },
      before: optionalText('beforeScript'),
      after: optionalText('afterScript'),
      stageIn: (optionalText('stageInMode') ?? 'symlink') as 'symlink',
    });
    const image = this.#session.image(directives);
    const statuses = directives.get('validExitStatus') ?? null;
    const secrets = Object.fromEntries(directives.all('secret').map((name) => [text(name), text(name)]));
    return {
      call: `${this.#process.name}[${this.index}]`,
      attempt: attempt.number,
      name: this.#name,
      argv: ['/bin/bash', '.command.run'],
      environment: this.#environment(attempt),
      workDirectory: WORK,
      stdout: `${WORK}/.command.out`,
      stderr: `${WORK}/.command.err`,
      ...(image === undefined ? {} : { image }),
      resources: this.#resources(task, directives),
      inputs: [
        ...this.#stagedInputs(attempt, command, wrapper),
        ...programs.map((path, index): StagedInput => ({
          kind: 'path',
          path,
          target: `${PROGRAMS}/${index}`,
        })),
        ...this.#definitionFiles(command),
      ],
      network: this.#session.network_(directives),
      ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
      ...(this.#reuses(directives) ? {} : { reuse: false }),
      ...(statuses === null ? {} : { successCodes: items(statuses).map(Number) }),
      source: this.#component.machine.source.position(Math.floor(this.#component.definition.place / 65_536)),
    };
  }

  #reuses(directives: Directives): boolean {
    const cache = directives.get('cache') ?? true;
    return cache !== false && cache !== 'false';
  }

  #stagedInputs({ inputs }: Attempt, command: string, wrapper: string): StagedInput[] {
    const staged: StagedInput[] = inputs.files.map(({ file, name }, index) => {
      const target = `${INPUTS}/${index}/${basename(name)}`;
      return isUri(file.location) && !file.location.startsWith('file:')
        ? { kind: 'uri', uri: file.location, target }
        : { kind: 'path', path: file.files.realPath(file.location), target };
    });
    staged.push(
      { kind: 'literal', content: command, target: `${WORK}/.command.sh` },
      { kind: 'literal', content: wrapper, target: `${WORK}/.command.run` },
    );
    if (inputs.stdin !== undefined)
      staged.push({ kind: 'literal', content: inputs.stdin, target: `${WORK}/.command.in` });
    return staged;
  }

  /** A script that names a file of the workflow by its path sees the workflow's folder there. */
  #definitionFiles(command: string): StagedInput[] {
    const { projectDir } = this.#session;
    if (this.#session.exposesProject || !command.includes(projectDir)) return [];
    return readdirSync(projectDir)
      .filter((name: string) => command.includes(`${projectDir}/${name}`))
      .map((name: string) => ({
        kind: 'path',
        path: join(projectDir, name),
        target: join(projectDir, name),
      }));
  }

  #environment(attempt: Attempt): Record<string, string> {
    const environment: Record<string, string> = { ...this.#session.environment };
    for (const value of attempt.directives.all('env'))
      if (value instanceof GroovyMap) for (const [name, item] of value) environment[text(name)] = text(item);
    return { ...environment, ...attempt.inputs.environment };
  }

  #resources(task: TaskObject, directives: Directives): TaskRequest['resources'] {
    const cpus = toDouble(task.property('cpus'));
    const amount = (name: string) => {
      const value = task.property(name);
      return value instanceof MemoryUnit ? value.bytes : undefined;
    };
    const time = task.property('time');
    const accelerator = directives.get('accelerator') ?? null;
    const [count, type] =
      accelerator instanceof GroovyMap
        ? [
            accelerator.get('value') ?? accelerator.get('request') ?? accelerator.get('limit') ?? 1,
            accelerator.get('type') ?? null,
          ]
        : [accelerator, null];
    const disk = amount('disk');
    return {
      cpus,
      memoryBytes: amount('memory') ?? this.#session.defaultMemory(cpus),
      ...(count === null || Number(count) === 0
        ? {}
        : { accelerators: { count: Number(count), ...(type === null ? {} : { type: text(type) }) } }),
      ...(disk === undefined ? {} : { diskBytes: disk }),
      ...(time instanceof Duration ? { timeoutSeconds: time.millis / 1_000 } : {}),
    };
  }

  #shortHash(): string {
    return `${this.#hash.slice(0, 2)}/${this.#hash.slice(2, 8)}`;
  }

  #tellSubmitted({ number }: Attempt, cached: boolean): void {
    if (this.#submitted) return;
    this.#submitted = true;
    const what = cached ? 'Cached process' : number > 1 ? 'Re-submitted process' : 'Submitted process';
    this.#session.tellTask(`[${this.#shortHash()}] ${what} > ${this.#name}`);
  }

  #collect(
    attempt: Attempt,
    workDirectory: string,
    stdout: () => string,
    commands: readonly string[],
  ): () => void {
    const { definition, machine } = this.#component;
    const outputs = new TaskOutputs({
      files: this.#session.files,
      workDirectory,
      stdout,
      inputs: attempt.inputs.files,
      scope: attempt.scope,
      process: this.#name,
      commands,
    });
    this.#bindOutputFunctions(attempt, outputs, stdout);
    const collected = definition.outputs.map((output) => {
      try {
        return outputs.item(output);
      } catch (error) {
        throw machine.located(error, output.place);
      }
    });
    const topics = definition.topics.map(
      ({ name, value }) =>
        [
          text(name.withDelegate(attempt.scope, 'delegate-first').apply([])),
          value.withDelegate(attempt.scope, 'delegate-first').apply([]),
        ] as const,
    );
    const stored = store(
      attempt,
      outputs.found,
      workDirectory,
      definition.outputs,
      this.#session,
      this.#process.name,
    );
    if (stored) return this.#emitter(stored);
    publishTask(attempt.directives, outputs.found, workDirectory, this.#session);
    const emit = this.#emitter(collected);
    return () => {
      emit();
      for (const [name, value] of topics) this.#session.topic(name).emit(value);
    };
  }

  #emitter(collected: readonly (Value | typeof ABSENT)[]): () => void {
    const { outputs } = this.#component.definition;
    return () => {
      for (const [index, value] of collected.entries()) {
        if (value === ABSENT) continue;
        const topic = outputs[index]!.options['topic'];
        if (topic) this.#session.topic(text(topic.apply([]))).emit(value);
        this.#process.targets[index]!.emit(value);
      }
    };
  }

  /** Whether there is another attempt; fails the run where the failure is not to be borne. */
  async #retries(attempt: Attempt, error: unknown): Promise<boolean> {
    const cause = error instanceof Error ? error.message : text(caught(error).value);
    const failed = attempt.outcome && cause.startsWith('Process ') && !succeeded({}, attempt.outcome);
    attempt.task.setProperty('exitStatus', attempt.outcome?.exitCode ?? -1);
    const isTaskFault =
      attempt.outcome !== undefined ||
      (error instanceof ScriptFault &&
        [
          'MissingFileException',
          'MissingValueException',
          'IllegalArityException',
          'ProcessException',
        ].includes(error.className));
    const strategy = isTaskFault ? this.#strategy(attempt) : 'terminate';
    const maxRetries = Number(attempt.directives.get('maxRetries') ?? 1);
    const [maxErrors, errors] = [
      Number(attempt.directives.get('maxErrors') ?? -1),
      this.#session.countError(this.#process.name),
    ];
    if (strategy === 'retry' && attempt.number <= maxRetries && (maxErrors < 0 || errors <= maxErrors)) {
      this.#submitted = false;
      this.#session.note(`[${this.#shortHash()}] NOTE: ${cause} -- Execution is retried (${attempt.number})`);
      return true;
    }
    if (strategy === 'ignore') {
      this.#session.note(`[${this.#shortHash()}] NOTE: ${cause} -- Error is ignored`);
      this.#session.ignored();
      return false;
    }
    const { machine, definition } = this.#component;
    machine.located(error, definition.place);
    const place = machine.source.position(Math.floor(definition.place / 65_536));
    const report = errorReport(
      {
        name: this.#name || this.#process.name,
        script: attempt.script,
        place: `${place.file}:${place.line}:${place.column}`,
      },
      error instanceof ScriptFault && error.className !== 'ProcessFailedException' ? error.describe() : cause,
      failed || attempt.outcome ? attempt.outcome : undefined,
    );
    await this.#session.failTask({
      report,
      error,
      name: this.#process.name,
      exitCode: attempt.outcome?.exitCode,
      outcome: attempt.outcome,
      finish: strategy === 'finish',
    });
    return false;
  }

  #strategy({ directives }: Attempt): Strategy {
    const given = text(directives.get('errorStrategy') ?? 'terminate').toLowerCase();
    const found = STRATEGIES.find((each) => each === given);
    if (!found) throw fault(`Unknown errorStrategy "${given}". Use one of ${STRATEGIES.join(', ')}.`);
    return found;
  }

  get startedAt(): number {
    return this.#started;
  }
}

/** `stageAs files, 'pattern'`, or the other way round. */
function restage([first, second]: readonly Value[], names: Map<string, string>): void {
  const [given, pattern] = typeof first === 'string' ? [second, first] : [first, second];
  const files = items(given ?? null).filter((one): one is FilePath => one instanceof FilePath);
  const made = stageNames(text(pattern), files);
  for (const [index, file] of files.entries()) names.set(file.location, made[index]!);
}

function environmentNames(outputs: readonly Declared[]): string[] {
  return outputs.flatMap((output) => {
    const own = output.kind === 'env' ? [output.name ?? text(output.value?.apply([]) ?? '')] : [];
    return [...own, ...environmentNames(output.items)];
  });
}
