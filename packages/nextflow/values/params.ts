import { GroovyMap } from './map.ts';
import type { Value } from './value.ts';

/** The parameters of a run: whoever sets one first wins, so scripts give defaults only. */
export class Params extends GroovyMap {
  /** Parameters that nothing may change any more: those of the command line and of the configuration. */
  readonly #locked = new Set<Value>();
  /** Told of parameters that are read and were never set. */
  onUndefined: ((name: string) => void) | undefined;

  /** Those that the user gave, on the command line or in a file of parameters. */
  readonly given = new Set<Value>();

  lockGiven(): void {
    for (const name of this.keys()) this.given.add(name);
    this.lock();
  }

  lock(): void {
    for (const name of this.keys()) this.#locked.add(name);
  }

  isLocked(name: Value): boolean {
    return this.#locked.has(name);
  }

  override set(name: Value, value: Value): void {
    if (this.#locked.has(name)) {
      this.#merge(name, value);
      return;
    }
    super.set(name, value);
    const other = otherSpelling(name);
    if (other !== undefined && other !== name && !this.#locked.has(other)) super.set(other, value);
  }

  /** Sets what may not be set otherwise: the same value in another type. */
  replace(name: Value, value: Value): void {
    super.set(name, value);
  }

  /** Defaults of nested parameters fill what is missing. */
  #merge(name: Value, value: Value): void {
    const own = super.get(name);
    if (!(own instanceof GroovyMap) || !(value instanceof GroovyMap)) return;
    for (const [key, item] of value) if (!own.has(key)) own.set(key, item);
  }

  override get(name: Value): Value | undefined {
    const found = super.get(name);
    if (found === undefined && typeof name === 'string' && !this.has(name)) this.onUndefined?.(name);
    return found;
  }

  override copy(): Params {
    const copy = new Params();
    for (const [name, value] of this.entries()) copy.set(name, value);
    for (const name of this.#locked) copy.#locked.add(name);
    copy.onUndefined = this.onUndefined;
    return copy;
  }

  /** Of `--foo-bar` the parameter `fooBar` too, as Nextflow has it. */
  plain(): GroovyMap {
    return GroovyMap.from(
      [...this.entries()].filter(
        ([name]) => !(typeof name === 'string' && name.includes('-') && this.has(otherSpelling(name))),
      ),
    );
  }
}

function otherSpelling(name: Value): string | undefined {
  if (typeof name !== 'string' || !name.includes('-')) return undefined;
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
