import { GroovyObject, type Value } from '../values/value.ts';

/** A program that a script started and that has ended: java.lang.Process. */
export class ProcessResult extends GroovyObject {
  readonly className = 'Process';
  readonly #output: string;
  readonly #error: string;
  readonly #status: number;

  constructor(output: string, error: string, status: number) {
    super();
    this.#output = output;
    this.#error = error;
    this.#status = status;
  }

  override property(name: string): Value | undefined {
    switch (name) {
      case 'text':
      case 'in':
      case 'inputStream':
        return this.#output;
      case 'err':
      case 'errorStream':
        return this.#error;
      default:
        return undefined;
    }
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'waitFor':
      case 'exitValue':
        return this.#status;
      case 'getText':
        return this.#output;
      case 'waitForOrKill':
      case 'waitForProcessOutput':
        if (args[0] instanceof GroovyObject) args[0].invoke('append', [this.#output]);
        if (args[1] instanceof GroovyObject) args[1].invoke('append', [this.#error]);
        return null;
      case 'consumeProcessOutput':
        return this.invoke('waitForProcessOutput', args);
      default:
        return undefined;
    }
  }

  toString(): string {
    return `Process[exitValue=${this.#status}]`;
  }
}
