import { GroovyObject, type Value } from '../values/value.ts';

export class EnumConstant extends GroovyObject {
  readonly className: string;
  readonly name: string;
  readonly ordinal: number;

  constructor(className: string, name: string, ordinal: number) {
    super();
    this.className = className;
    this.name = name;
    this.ordinal = ordinal;
  }

  override property(name: string): Value | undefined {
    return name === 'name' ? this.name : name === 'ordinal' ? this.ordinal : undefined;
  }

  override invoke(name: string): Value | undefined {
    return name === 'name' ? this.name : name === 'ordinal' ? this.ordinal : undefined;
  }

  override compare(other: Value): number | undefined {
    return other instanceof EnumConstant ? this.ordinal - other.ordinal : undefined;
  }

  override key(): Value {
    return ['enum', this.className, this.name];
  }

  toString(): string {
    return this.name;
  }
}
