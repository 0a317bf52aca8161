import {
  DuckDBBlobValue,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ResultColumn } from './protocol.ts';

const NAMES: Readonly<Partial<Record<DuckDBTypeId, string>>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.TINYINT]: 'tinyint',
  [DuckDBTypeId.SMALLINT]: 'smallint',
  [DuckDBTypeId.INTEGER]: 'integer',
  [DuckDBTypeId.BIGINT]: 'bigint',
  // Trino's sums and counts of integers are bigint.
  [DuckDBTypeId.HUGEINT]: 'bigint',
  [DuckDBTypeId.UBIGINT]: 'bigint',
  [DuckDBTypeId.UINTEGER]: 'bigint',
  [DuckDBTypeId.FLOAT]: 'real',
  [DuckDBTypeId.DOUBLE]: 'double',
  [DuckDBTypeId.DECIMAL]: 'decimal',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamp with time zone',
  [DuckDBTypeId.TIME]: 'time',
  [DuckDBTypeId.BLOB]: 'varbinary',
  [DuckDBTypeId.LIST]: 'array',
  [DuckDBTypeId.MAP]: 'map',
  [DuckDBTypeId.STRUCT]: 'row',
};

/** Precision and scale as Athena's ResultSetMetadata gives them. */
const PRECISION: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  integer: 10,
  bigint: 19,
  real: 17,
  double: 17,
  varchar: 2147483647,
  timestamp: 3,
};

export function resultColumn(name: string, type: DuckDBType): ResultColumn {
  const named = NAMES[type.typeId] ?? 'varchar';
  if (type instanceof DuckDBDecimalType)
    return { name, type: named, precision: type.width, scale: type.scale };
  return { name, type: named, precision: PRECISION[named] ?? 0, scale: 0 };
}

/** The value as Athena's CSV and GetQueryResults write it; null stays null. */
export function rendered(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  if (value instanceof DuckDBListValue && type instanceof DuckDBListType) {
    return `[${value.items.map((item) => inner(item, type.valueType)).join(', ')}]`;
  }
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType) {
    const entries = value.entries.map(
      ({ key, value: entry }) => `${inner(key, type.keyType)}=${inner(entry, type.valueType)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((name, index) => {
      return `${name || `field${index}`}=${inner(value.entries[name] ?? null, type.entryTypes[index]!)}`;
    });
    return `{${fields.join(', ')}}`;
  }
  return scalar(value, type);
}

function inner(value: DuckDBValue, type: DuckDBType): string {
  return rendered(value, type) ?? 'null';
}

function scalar(value: DuckDBValue, type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.DOUBLE:
      return javaDouble(Number(value));
    case DuckDBTypeId.FLOAT:
      return javaDouble(shortestFloat(Number(value)));
    case DuckDBTypeId.BLOB:
      return value instanceof DuckDBBlobValue ? hexadecimal(value.bytes) : String(value);
    case DuckDBTypeId.TIMESTAMP:
      return milliseconds(String(value));
    // The session's zone is UTC.
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `${milliseconds(String(value).replace(/\+00$/, ''))} UTC`;
    default:
      return String(value);
  }
}

/** Java's Double.toString, which Trino writes doubles with: `100.0`, `1.0E-5`, `1.2345678E7`. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** Bytes as Athena writes them: `65 68 3f`. */
function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The number with the fewest digits that is the same 32-bit float: 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** Trino's timestamps have three decimals. */
function milliseconds(text: string): string {
  const [seconds, fraction = ''] = text.split('.') as [string, string?];
  return `${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}`;
}
