import { GroovyObject, type Value } from './value.ts';

/** A version such as `24.10.8`; `matches` takes a condition such as `!>=23.04`. */
export class VersionNumber extends GroovyObject {
  readonly className = 'VersionNumber';
  readonly version: string;

  constructor(version: string) {
    super();
    this.version = version;
  }

  override property(name: string): Value | undefined {
    const index = ['major', 'minor', 'patch'].indexOf(name);
    return index < 0 ? undefined : (this.version.split('.')[index] ?? null);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'matches') return this.matches(String(args[0]));
    return /^get(Major|Minor|Patch)$/.test(name) ? this.property(name.slice(3).toLowerCase()) : undefined;
  }

  matches(condition: string): boolean {
    return condition.split(',').every((each) => this.#fits(each.trim()));
  }

  #fits(condition: string): boolean {
    const [, operator = '', wanted = ''] = /^!?\s*(>=|<=|<>|!=|>|<|=)?\s*(.*)$/.exec(condition) ?? [];
    if (wanted.endsWith('+')) return this.#order(wanted.slice(0, -1)) >= 0;
    const order = this.#order(wanted);
    switch (operator) {
      case '>=':
        return order >= 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '<':
        return order < 0;
      case '<>':
      case '!=':
        return order !== 0;
      default:
        return order === 0 || `${this.version}.`.startsWith(`${wanted}.`);
    }
  }

  #order(other: string): number {
    const [a, b] = [this.version, other].map((version) => version.split(/[.-]/).map(Number)) as [
      number[],
      number[],
    ];
    for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
      const order = (a[index] || 0) - (b[index] || 0);
      if (order !== 0) return order;
    }
    return 0;
  }

  override equals(other: Value): boolean {
    return this.version === String(other);
  }

  override key(): Value {
    return ['version', this.version];
  }

  override compare(other: Value): number | undefined {
    return this.#order(String(other));
  }

  toString(): string {
    return this.version;
  }
}
