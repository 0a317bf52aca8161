import type { Declaration, Task } from '../check/program.ts';
import type { Environment } from '../evaluate/evaluator.ts';
import type { FileAccess } from '../evaluate/files.ts';
import { toJson } from '../evaluate/json.ts';
import { NOTHING, text, type Value } from '../evaluate/value.ts';
import { declaredValue, handled } from './names.ts';

/** What becomes of a declaration's value before others see it: its files get their place in the task. */
type Arrange = (value: Value, declaration: Declaration) => Promise<Value>;

/** The names of one task, each evaluated once, when it is first needed. */
export class TaskScope {
  readonly #values = new Map<string, Promise<Value>>();
  readonly #declarations = new Map<string, Declaration>();
  readonly #task: Task;
  #files: FileAccess;
  #arrange: Arrange;

  constructor(task: Task, files: FileAccess, arrange: Arrange) {
    this.#task = task;
    this.#files = files;
    this.#arrange = arrange;
    for (const declaration of [...task.inputs, ...task.declarations]) {
      this.#declarations.set(declaration.name, declaration);
    }
  }

  /** Sets what the caller gave. */
  give(name: string, value: Value): void {
    this.#values.set(name, Promise.resolve(value));
  }

  /** The variables of the task's environment, once all its declarations are evaluated. */
  async variables(): Promise<Record<string, string>> {
    const variables: Record<string, string> = {};
    for (const { name, environment } of [...this.#task.inputs, ...this.#task.declarations]) {
      if (environment) variables[name] = environmentText(await this.value(name));
    }
    return variables;
  }

  /** From here on names include the outputs and file functions reach what the command left. */
  enterOutputs(files: FileAccess, arrange: Arrange): void {
    this.#files = files;
    this.#arrange = arrange;
    for (const declaration of this.#task.outputs) this.#declarations.set(declaration.name, declaration);
  }

  value(name: string): Promise<Value> {
    const known = this.#values.get(name);
    if (known) return known;
    const declaration = this.#declarations.get(name);
    if (!declaration) return Promise.resolve(NOTHING);
    const value = handled(this.#evaluate(declaration));
    this.#values.set(name, value);
    return value;
  }

  async #evaluate(declaration: Declaration): Promise<Value> {
    return this.#arrange(await declaredValue(declaration, this.environment()), declaration);
  }

  environment(): Environment {
    return {
      resolve: (name) => this.value(name),
      output: () => undefined,
      structs: this.#task.home.structs,
      files: this.#files,
    };
  }
}

/** A primitive as a placeholder would show it, anything else as JSON. */
function environmentText(value: Value): string {
  const compound = ['Array', 'Map', 'Pair', 'Object'].includes(value.kind);
  return compound ? JSON.stringify(toJson(value)) : text(value);
}
