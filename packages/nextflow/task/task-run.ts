import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { succeeded, type TaskOutcome } from '@helicase/runtime';
import { items } from '../evaluate/items.ts';
import type { ProcessRun } from '../run/process-run.ts';
import type { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { MemoryUnit } from '../values/memory.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import { failureCause } from './error-report.ts';
import { execDigest, type ExecRecord, execVariables, freshFolder, restoreVariables } from './exec-record.ts';
import { capturedBy, defineOutputFunctions } from './output-functions.ts';
import { publishTask } from './publish.ts';
import { shellText } from './script-template.ts';
import { stageNames } from './stage-names.ts';
import { store, storedOutputs } from './store.ts';
import { type Attempt, openAttempt, type PreviousAttempt } from './task-attempt.ts';
import type { Declared } from '../run/process-definition.ts';
import { retries } from './task-failure.ts';
import { ABSENT, TaskOutputs } from './task-outputs.ts';
import { reuses, taskRequest } from './task-request.ts';
import { captureText, commandText } from './task-script.ts';

/** Whether a task is run or taken from the records is known when it has been looked up. */
const SUBMITTED_AFTER = 3_000;
const NOTHING = () => {};

/** One task of a process, over its attempts, to what it emits. */
export class TaskRun {
  readonly index: number;
  fair = false;
  readonly #process: ProcessRun;
  readonly #values: readonly Value[];
  #hash = '';
  #name = '';
  #submitted = false;

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
    let previous: PreviousAttempt | undefined;
    for (let number = 1; ; number += 1) {
      const attempt = this.#attempt(number, previous);
      try {
        return await this.#perform(attempt);
      } catch (error) {
        if (this.#session.stopping || this.#session.network.stopped) return NOTHING;
        const facts = {
          process: this.#process,
          name: this.#name || this.#process.name,
          hash: this.#shortHash(),
        };
        if (!(await retries(facts, attempt, error))) return NOTHING;
        this.#submitted = false;
        previous = previousOf(attempt, error);
      }
    }
  }

  #attempt(number: number, previous: PreviousAttempt | undefined): Attempt {
    return openAttempt({
      ...{ process: this.#process, index: this.index, number, previous },
      name: () => this.#name || this.#process.name,
      hash: () => this.#hash,
    });
  }

  async #perform(attempt: Attempt): Promise<() => void> {
    const { definition } = this.#component;
    const { directives, inputs, scope } = attempt;
    inputs.bindAll(definition.inputs, this.#values);
    this.#applyStage(attempt);
    this.fair = truth(directives.get('fair') ?? false);
    this.#name = this.#nameOf(directives.get('tag') ?? null);
    if (definition.when && !truth(definition.when.withDelegate(scope, 'delegate-first').apply([])))
      return NOTHING;
    if (this.#session.preview) return NOTHING;
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
      this.#session.note(`[skipping] Stored process > ${this.#name}`);
      return this.#emitter(stored);
    }
    return await this.#command(attempt, this.#scriptText(script, attempt, Boolean(stub)));
  }

  #nameOf(tag: Value): string {
    const { name, single } = this.#process;
    if (tag !== null) return `${name} (${text(tag).trim()})`;
    return single ? name : `${name} (${this.index})`;
  }

  #scriptText(script: Value, { scope }: Attempt, isStub: boolean): string {
    const { definition, machine } = this.#component;
    if (script === null)
      throw machine.located(
        fault(
          `The script of process "${this.#process.name}" gives nothing. Its last statement must be a text.`,
        ),
        definition.place,
      );
    const isShell = definition.bodyKind === 'shell' && !isStub;
    return isShell ? shellText(this.#component, text(script), scope) : text(script);
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
    const { definition } = this.#component;
    const execRecords = reuses(attempt.directives) ? this.#session.execRecords : undefined;
    const digest = execRecords && execDigest(this.#session, this.#process.name, definition.source, attempt);
    const record = digest === undefined ? undefined : execRecords?.take(digest);
    this.#tellSubmitted(attempt, record !== undefined);
    if (record) restoreVariables(attempt, record, this.#session);
    const { finishedAt, folder } = record ?? this.#evaluated(attempt, body, digest);
    this.#session.runFiles.ended({ finishedAt, workDirectory: folder });
    this.#session.bodyEnded(this.#process.name, record !== undefined);
    return this.#collect(attempt, folder, () => '', []);
  }

  #evaluated(attempt: Attempt, body: Closure, digest: string | undefined): Omit<ExecRecord, 'variables'> {
    const folder = freshFolder(this.#session, digest);
    const before = new Map(attempt.scope.own());
    attempt.task.setProperty('workDir', this.#session.interpreter.path(folder));
    body.withDelegate(attempt.scope, 'delegate-first').apply([]);
    const finishedAt = Date.now();
    const variables = digest === undefined ? undefined : execVariables(before, attempt);
    if (digest !== undefined && variables)
      this.#session.execRecords?.keep(digest, { folder, finishedAt, variables });
    return { folder, finishedAt };
  }

  async #command(attempt: Attempt, script: string): Promise<() => void> {
    const { directives } = attempt;
    const shell = shellOf(directives.get('shell') ?? null);
    const { commands, variables } = capturedBy(this.#component.definition, attempt.scope);
    attempt.script = commandText(script, shell);
    const outcome = await this.#outcome(attempt, attempt.script + captureText(variables, commands), shell);
    const stdout = () => readFileSync(outcome.stdoutPath, 'utf8');
    if (truth(directives.get('debug') ?? directives.get('echo') ?? false)) this.#session.log.print(stdout());
    return this.#collect(attempt, outcome.workDirectory, stdout, commands);
  }

  /** Of the task that ran, or was taken from the records; a failure is thrown. */
  async #outcome(attempt: Attempt, command: string, shell: readonly string[]): Promise<TaskOutcome> {
    const parts = { process: this.#process, index: this.index, name: this.#name };
    const request = taskRequest({ ...parts, attempt, command, shell });
    const submitted = setTimeout(() => this.#tellSubmitted(attempt, false), SUBMITTED_AFTER);
    const outcome = await this.#session.host.run(request, this.#session.signal);
    clearTimeout(submitted);
    attempt.outcome = outcome;
    attempt.task.setProperty('exitStatus', outcome.exitCode ?? null);
    this.#session.runFiles.ended(outcome);
    this.#tellSubmitted(attempt, outcome.recorded === true);
    this.#session.record({
      ...{ task: this.index, hash: this.#shortHash(), process: this.#process.name, name: this.#name },
      ...{ attempt: attempt.number, script: attempt.script, outcome, request, why: outcome.missed },
      tag: attempt.directives.get('tag') ?? null,
    });
    const isGood = succeeded(request, outcome);
    this.#session.stats.count(!isGood ? 'failed' : outcome.recorded === true ? 'cached' : 'succeeded');
    if (!isGood) throw fault(failureCause(this.#name, outcome), 'ProcessFailedException');
    return outcome;
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
    const { directives, scope } = attempt;
    const { files } = this.#session;
    const name = this.#name;
    const outputs = new TaskOutputs({
      ...{
        files,
        workDirectory,
        stdout,
        inputs: attempt.inputs.files,
        inputFolder: attempt.places.inputs,
        scope,
        process: name,
        commands,
      },
    });
    defineOutputFunctions(definition, scope, { name, outputs, stdout });
    const collected = definition.outputs.map((output) => {
      try {
        return outputs.item(output);
      } catch (error) {
        throw machine.located(error, output.place);
      }
    });
    this.#prove(attempt, collected);
    const evaluated = (closure: Closure) => closure.withDelegate(scope, 'delegate-first').apply([]);
    const topics = definition.topics.map(
      (topic) => [text(evaluated(topic.name)), evaluated(topic.value)] as const,
    );
    const stored = store(
      ...([
        attempt,
        outputs.found,
        workDirectory,
        definition.outputs,
        this.#session,
        this.#process.name,
      ] as const),
    );
    if (stored) return this.#emitter(stored);
    publishTask(directives, outputs.found, workDirectory, this.#session);
    const emit = this.#emitter(collected);
    return () => {
      emit();
      for (const [topic, value] of topics) this.#session.topic(topic).emit(value);
    };
  }

  /** What nf-prov tells of the task. */
  #prove({ outcome, script }: Attempt, collected: readonly (Value | typeof ABSENT)[]): void {
    const { provenance } = this.#session;
    if (!provenance) return;
    const { inputs, outputs } = this.#component.definition;
    const made = collected.map((value) => (value === ABSENT ? null : value));
    const { definition, scriptFile } = this.#component;
    provenance.addTask({
      ...{ hash: this.#hash, name: this.#name, process: this.#process.name, script },
      module: { name: definition.name, file: scriptFile },
      workDirectory: outcome?.workDirectory ?? this.#session.workDir,
      times: outcome && { started: new Date(outcome.startedAt), ended: new Date(outcome.finishedAt) },
      cached: outcome?.recorded === true,
      inputs: inputs.flatMap((input, index) => namedValues(input, this.#values[index])),
      outputs: outputs.flatMap((output, index) => namedValues(output, made[index])),
    });
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
}

/** A tuple as its parts. */
function namedValues(declared: Declared, value: Value): { name: string; emit?: string; value: Value }[] {
  if (declared.kind === 'tuple')
    return declared.items.flatMap((item, index) => namedValues(item, items(value)[index] ?? null));
  const emit = declared.options['emit'];
  return [
    {
      name: declared.name ?? declared.variable ?? declared.kind,
      ...(emit ? { emit: text(emit.apply([])) } : {}),
      value: value ?? null,
    },
  ];
}

function previousOf({ outcome, task }: Attempt, error: unknown): PreviousAttempt {
  const memory = task.property('memory');
  const message = error instanceof Error ? error.message : String(error);
  return {
    outcome,
    memory: memory instanceof MemoryUnit ? memory.bytes : null,
    fault: `nextflow.exception.ProcessFailedException: ${message}`,
  };
}

function shellOf(given: Value): string[] {
  if (given === null) return ['/bin/bash', '-ue'];
  return Array.isArray(given) ? given.map((word) => text(word)) : text(given).split(/\s+/);
}

/** `stageAs files, 'pattern'`, or the other way round. */
function restage([first, second]: readonly Value[], names: Map<string, string>): void {
  const [given, pattern] = typeof first === 'string' ? [second, first] : [first, second];
  const files = items(given ?? null).filter((one): one is FilePath => one instanceof FilePath);
  const made = stageNames(text(pattern), files);
  for (const [index, file] of files.entries()) names.set(file.location, made[index]!);
}
