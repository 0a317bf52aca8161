/** An exact decimal number, as Groovy's literals with a point are: java.math.BigDecimal. */
export class Decimal {
  readonly unscaled: bigint;
  /** Digits after the point. */
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  static parse(text: string): Decimal {
    const found = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim());
    if (!found || (found[2] === '' && found[3] === '')) throw new RangeError(`"${text}" is not a number`);
    const [, sign, whole, fraction, exponent] = found;
    const unscaled = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
    return new Decimal(unscaled, fraction!.length - Number(exponent ?? 0));
  }

  static of(value: number | bigint): Decimal {
    return typeof value === 'bigint' || Number.isInteger(value)
      ? new Decimal(BigInt(value), 0)
      : Decimal.parse(String(value));
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.#at(scale) + other.#at(scale), scale);
  }

  minus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.#at(scale) - other.#at(scale), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.unscaled * other.unscaled, this.scale + other.scale);
  }

  /** As Groovy divides: exact where that ends, otherwise ten digits more than the operands have. */
  divide(other: Decimal): Decimal {
    if (other.unscaled === 0n) throw new RangeError('Division by zero');
    const exact = this.#exactQuotient(other);
    if (exact) return exact;
    const precision = Math.max(this.precision, other.precision) + 10;
    const shift = precision + other.precision - this.precision + 2;
    const numerator = this.unscaled * 10n ** BigInt(Math.max(0, shift));
    const quotient = new Decimal(numerator / other.unscaled, this.scale - other.scale + Math.max(0, shift));
    const rounded = quotient.#toPrecision(precision);
    const scale = Math.max(this.scale, other.scale, 10);
    return rounded.scale > scale ? rounded.round(scale) : rounded;
  }

  #exactQuotient(other: Decimal): Decimal | undefined {
    let denominator = other.unscaled < 0n ? -other.unscaled : other.unscaled;
    denominator /= greatestCommonDivisor(denominator, this.unscaled);
    let [twos, fives] = [0, 0];
    for (; denominator % 2n === 0n; twos += 1) denominator /= 2n;
    for (; denominator % 5n === 0n; fives += 1) denominator /= 5n;
    if (denominator !== 1n) return undefined;
    const digits = Math.max(twos, fives);
    const quotient = (this.unscaled * 10n ** BigInt(digits)) / other.unscaled;
    const preferred = this.scale - other.scale;
    let result = new Decimal(quotient, preferred + digits);
    if (preferred > 0 || digits > 0) result = result.strip(Math.max(preferred, 0));
    return result.scale < 0 ? new Decimal(result.unscaled * 10n ** BigInt(-result.scale), 0) : result;
  }

  remainder(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.#at(scale) % other.#at(scale), scale);
  }

  power(exponent: number): Decimal {
    return new Decimal(this.unscaled ** BigInt(exponent), this.scale * exponent);
  }

  negate(): Decimal {
    return new Decimal(-this.unscaled, this.scale);
  }

  /** Half up, to so many digits after the point. */
  round(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(this.#at(scale), scale);
    const divisor = 10n ** BigInt(this.scale - scale);
    const magnitude = this.unscaled < 0n ? -this.unscaled : this.unscaled;
    const rounded = (magnitude + divisor / 2n) / divisor;
    return new Decimal(this.unscaled < 0n ? -rounded : rounded, scale);
  }

  /** Without trailing zeros after the point, but no fewer digits than `least`. */
  strip(least = 0): Decimal {
    let { unscaled, scale } = this;
    for (; scale > least && unscaled % 10n === 0n; scale -= 1) unscaled /= 10n;
    return new Decimal(unscaled, scale);
  }

  get precision(): number {
    return String(this.unscaled < 0n ? -this.unscaled : this.unscaled).length;
  }

  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const [a, b] = [this.#at(scale), other.#at(scale)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  toNumber(): number {
    return Number(this.toString());
  }

  /** The whole part, towards zero. */
  toInteger(): bigint {
    return this.scale <= 0
      ? this.unscaled * 10n ** BigInt(-this.scale)
      : this.unscaled / 10n ** BigInt(this.scale);
  }

  toString(): string {
    const exponent = -this.scale + this.precision - 1;
    if (this.scale < 0 || exponent < -6) return this.#scientific(exponent);
    const digits = String(this.unscaled < 0n ? -this.unscaled : this.unscaled).padStart(this.scale + 1, '0');
    const sign = this.unscaled < 0n ? '-' : '';
    if (this.scale === 0) return sign + digits;
    return `${sign}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
  }

  #scientific(exponent: number): string {
    const digits = String(this.unscaled < 0n ? -this.unscaled : this.unscaled);
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${this.unscaled < 0n ? '-' : ''}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
  }

  #at(scale: number): bigint {
    return this.unscaled * 10n ** BigInt(scale - this.scale);
  }

  #toPrecision(precision: number): Decimal {
    return this.precision <= precision ? this : this.round(this.scale - (this.precision - precision));
  }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
