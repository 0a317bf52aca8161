import { setFlagsFromString } from 'node:v8';
import type {
  QuickJSContext,
  QuickJSRuntime,
  QuickJSSyncVariant,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { EvaluationError } from '../faults.ts';
import type { Value } from '../value.ts';
import { FREEZE_INTRINSICS, REMEMBER_INTRINSICS } from './intrinsics.ts';

export interface JavascriptLimits {
  /** Of one evaluation. */
  readonly milliseconds: number;
  readonly memoryBytes: number;
  /** Of all evaluations of a run, with what those that were stopped left behind. */
  readonly totalBytes: number;
}

const DEFAULT_LIMITS: JavascriptLimits = {
  milliseconds: 20_000,
  memoryBytes: 128 * 2 ** 20,
  totalBytes: 512 * 2 ** 20,
};
/** Less than the host's own stack, on which the interpreter recurses. */
const STACK_BYTES = 128 * 1024;
/** Of JSON text: what an expression gives is a part of a job, not data. */
const LONGEST_RESULT = 64 * 2 ** 20;
/** Contexts kept, one for each expression library. */
const KEPT = 32;
/** WebAssembly's unit of memory; the interpreter is compiled to begin with 256 of them. */
const PAGE_BYTES = 64 * 1024;
const FIRST_PAGES = 256;

/**
 * Most runs evaluate a few short expressions: optimizing the interpreter's own code for them takes longer than they do.
 * Those that compute for seconds take a fifth longer without.
 */
const PLAIN_CODE = '--no-wasm-tier-up --no-wasm-dynamic-tiering';

/** Node has it, its types do not tell. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
};

/**
 * JavaScript in an interpreter of its own, compiled to WebAssembly: it has the language and nothing else. A context is
 * reused by all expressions with the same library; one that ran out of time or memory is thrown away.
 */
export class Javascript implements Disposable {
  readonly #module: QuickJSWASMModule;
  readonly #limits: JavascriptLimits;
  readonly #contexts = new Map<string, Interpreter>();

  private constructor(module: QuickJSWASMModule, limits: JavascriptLimits) {
    this.#module = module;
    this.#limits = limits;
  }

  static async create(given: Partial<JavascriptLimits> = {}): Promise<Javascript> {
    const limits = { ...DEFAULT_LIMITS, ...given };
    setFlagsFromString(PLAIN_CODE);
    const { newQuickJSWASMModuleFromVariant, newVariant } = await import('quickjs-emscripten-core');
    const { default: variant } = await import('@jitl/quickjs-wasmfile-release-sync');
    const interpreter = variant as unknown as QuickJSSyncVariant; // its types describe the older kind of module
    const wasmMemory = new WebAssembly.Memory({
      initial: FIRST_PAGES,
      maximum: Math.ceil(limits.totalBytes / PAGE_BYTES),
    });
    const module = await newQuickJSWASMModuleFromVariant(newVariant(interpreter, { wasmMemory }));
    return new Javascript(module, limits);
  }

  /** `code` is a function's body; the scope's members are global variables. */
  run(code: string, library: readonly string[], scope: Readonly<Record<string, Value>>): Value {
    const key = library.join('\n\0\n');
    try {
      return (this.#contexts.get(key) ?? this.#open(key, library)).run(code, scope);
    } catch (error) {
      // Not disposed of: QuickJS cannot free what it was stopped in the midst of. Its memory goes with the engine.
      this.#contexts.delete(key);
      if (error instanceof EvaluationError) throw error;
      throw new EvaluationError(`The expression failed: ${(error as Error).message}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    for (const interpreter of this.#contexts.values()) interpreter.dispose();
    this.#contexts.clear();
  }

  #open(key: string, library: readonly string[]): Interpreter {
    const [oldest] = this.#contexts;
    if (oldest && this.#contexts.size >= KEPT) {
      this.#contexts.delete(oldest[0]);
      oldest[1].dispose();
    }
    const interpreter = this.#begin();
    for (const text of library) interpreter.load(text);
    interpreter.freeze();
    this.#contexts.set(key, interpreter);
    return interpreter;
  }

  /** Where the memory of all is full, the interpreter does not complain but stumbles. */
  #begin(): Interpreter {
    try {
      return new Interpreter(this.#module, this.#limits);
    } catch (error) {
      throw new EvaluationError(
        'The expressions of this run have used up the memory that they have together.',
        {
          cause: error,
        },
      );
    }
  }
}

class Interpreter {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #milliseconds: number;

  constructor(module: QuickJSWASMModule, { memoryBytes, milliseconds }: JavascriptLimits) {
    this.#milliseconds = milliseconds;
    this.#runtime = module.newRuntime();
    this.#runtime.setMemoryLimit(memoryBytes);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#context = this.#runtime.newContext();
    this.#evaluate(REMEMBER_INTRINSICS, 'intrinsics');
  }

  load(text: string): void {
    this.#evaluate(text, 'expressionLib');
  }

  freeze(): void {
    this.#evaluate(FREEZE_INTRINSICS, 'intrinsics');
  }

  /** Values go in and out as JSON: nothing of the host's is reachable from inside. */
  run(code: string, scope: Readonly<Record<string, Value>>): Value {
    // Global, because functions of the library see them too.
    const variables = Object.entries(scope).map(([name, value]) => {
      return `globalThis.${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))});`;
    });
    const call = `JSON.stringify((function() {"use strict";${code}\n})())`;
    const text = this.#evaluate(`${variables.join('')}${call}`, 'expression');
    return text === undefined ? null : (JSON.parse(text) as Value);
  }

  dispose(): void {
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #evaluate(text: string, name: string): string | undefined {
    const deadline = performance.now() + this.#milliseconds;
    this.#runtime.setInterruptHandler(() => performance.now() > deadline);
    const result = this.#context.evalCode(text, name);
    if (result.error)
      throw new EvaluationError(
        this.#complaint(
          result.error.consume((error) => this.#context.dump(error)),
          deadline,
        ),
      );
    return result.value.consume((value) => {
      if (this.#context.typeof(value) !== 'string') return undefined;
      const length = this.#context.getProp(value, 'length').consume((one) => this.#context.getNumber(one));
      if (length <= LONGEST_RESULT) return this.#context.getString(value);
      throw new EvaluationError(`The expression gives ${length} characters, more than ${LONGEST_RESULT}.`);
    });
  }

  #complaint(error: unknown, deadline: number): string {
    if (performance.now() > deadline) return `The expression took longer than ${this.#milliseconds} ms.`;
    if (error === null) return `The expression failed: it ran out of memory.`;
    if (typeof error !== 'object') return `The expression threw ${JSON.stringify(error)}.`;
    const { message, name, stack } = error as Readonly<Record<'message' | 'name' | 'stack', unknown>>;
    const line = /\(expression:(\d+)/.exec(String(stack))?.[1];
    const where = line === undefined || line === '1' ? '' : ` (its line ${line})`;
    return `The expression failed${where}: ${String(name ?? 'Error')}: ${String(message ?? JSON.stringify(error))}`;
  }
}
