import { compare } from './compare.ts';
import type { GroovyMap } from './map.ts';
import { text } from './text.ts';
import { GroovyObject, type Value } from './value.ts';

/** A key and its value: java.util.Map.Entry. */
export class MapEntry extends GroovyObject {
  readonly className = 'Entry';
  readonly #map: GroovyMap | undefined;
  readonly entryKey: Value;
  readonly value: Value;

  constructor(map: GroovyMap | undefined, key: Value, value: Value) {
    super();
    this.#map = map;
    this.entryKey = key;
    this.value = value;
  }

  override property(name: string): Value | undefined {
    return name === 'key' ? this.entryKey : name === 'value' ? this.value : undefined;
  }

  override setProperty(name: string, value: Value): boolean {
    if (name !== 'value' || !this.#map) return false;
    this.#map.set(this.entryKey, value);
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'getKey') return this.entryKey;
    if (name === 'getValue') return this.value;
    if (name === 'setValue') {
      this.#map?.set(this.entryKey, args[0]);
      return this.value;
    }
    return undefined;
  }

  override equals(other: Value): boolean {
    return (
      other instanceof MapEntry &&
      compare(this.entryKey, other.entryKey) === 0 &&
      compare(this.value, other.value) === 0
    );
  }

  override key(): Value {
    return ['entry', this.entryKey, this.value];
  }

  toString(): string {
    return `${text(this.entryKey)}=${text(this.value)}`;
  }
}
