import {
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { quotedText } from '../table/type.ts';
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
  [DuckDBTypeId.INTERVAL]: 'interval day to second',
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

/**
 * An expression whose value is the given one's as Athena's CSV and GetQueryResults write it; null stays null. The engine
 * writes the result itself: values that come to JavaScript one by one take longer than most queries.
 */
export function renderedSql(expression: string, type: DuckDBType, depth = 0): string {
  const item = `item${depth}`;
  const inner = (part: string, of: DuckDBType) => `coalesce(${renderedSql(part, of, depth + 1)}, 'null')`;
  const joined = (list: string, each: string) =>
    `array_to_string(list_transform(${list}, lambda ${item}: ${each}), ', ')`;
  if (type instanceof DuckDBListType)
    return `'[' || ${joined(expression, inner(item, type.valueType))} || ']'`;
  if (type instanceof DuckDBMapType) {
    const entry = `${inner(`${item}.key`, type.keyType)} || '=' || ${inner(`${item}.value`, type.valueType)}`;
    return `'{' || ${joined(`map_entries(${expression})`, entry)} || '}'`;
  }
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((name, index) => {
      const value = inner(`struct_extract_at(${expression}, ${index + 1})`, type.entryTypes[index]!);
      return `${quotedText(`${name || `field${index}`}=`)} || ${value}`;
    });
    return `CASE WHEN ${expression} IS NOT NULL THEN '{' || ${fields.join(` || ', ' || `)} || '}' END`;
  }
  return scalarSql(expression, type.typeId);
}

function scalarSql(expression: string, type: DuckDBTypeId): string {
  const text = `CAST(${expression} AS VARCHAR)`;
  switch (type) {
    case DuckDBTypeId.VARCHAR:
      return expression;
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.FLOAT:
      return `helicase_java_number(${text})`;
    // Bytes as Athena writes them: `65 68 3f`.
    case DuckDBTypeId.BLOB:
      return `rtrim(regexp_replace(lower(hex(${expression})), '(..)', '\\1 ', 'g'))`;
    // Trino's timestamps have three decimals.
    case DuckDBTypeId.TIMESTAMP:
      return `helicase_milliseconds(${text})`;
    case DuckDBTypeId.INTERVAL:
      return `helicase_interval(${expression})`;
    // The session's zone is UTC.
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `helicase_milliseconds(regexp_replace(${text}, '\\+00$', '')) || ' UTC'`;
    default:
      return text;
  }
}

/** What `renderedSql` calls; no query can. */
export const RENDERING_MACROS = [
  `CREATE MACRO helicase_sign(n) AS CASE WHEN n < 0 THEN '-' ELSE '' END`,
  `CREATE MACRO helicase_day_time(ms) AS helicase_sign(ms) || (abs(ms) // 86400000) ||
    printf(' %02d:%02d:%02d.%03d', abs(ms) // 3600000 % 24, abs(ms) // 60000 % 60, abs(ms) // 1000 % 60, abs(ms) % 1000)`,
  `CREATE MACRO helicase_milliseconds(t) AS split_part(t, '.', 1) || '.' || rpad(split_part(t, '.', 2), 3, '0')`,
  // Months or seconds, never both: `1-2`, `-0 03:00:00.000`.
  `CREATE MACRO helicase_interval(i) AS CASE
    WHEN to_months(CAST(datepart('year', i) * 12 + datepart('month', i) AS INTEGER)) = i AND i <> to_days(0) THEN
      helicase_sign(datepart('year', i) * 12 + datepart('month', i)) || abs(datepart('year', i)) || '-' || abs(datepart('month', i))
    WHEN datepart('year', i) <> 0 OR datepart('month', i) <> 0 THEN error('TYPE_MISMATCH: an interval of months and of days')
    ELSE helicase_day_time(epoch_ms(i)) END`,
  // Java's Double.toString, which Athena writes doubles with: `100.0`, `1.0E-5`, `1.2345678E7`. The digits are the engine's.
  String.raw`CREATE MACRO helicase_java_number(t) AS CASE
    WHEN t IN ('nan', '-nan') THEN 'NaN' WHEN t = 'inf' THEN 'Infinity' WHEN t = '-inf' THEN '-Infinity'
    WHEN contains(t, 'e') THEN regexp_replace(regexp_replace(t, '^(-?\d)e', '\1.0e'), 'e(?:\+|(-))0*(\d)', 'E\1\2')
    WHEN abs(TRY_CAST(t AS DOUBLE)) >= 1e7 THEN
      regexp_replace(regexp_replace(regexp_replace(t, '^(-?\d)(\d*)\.(\d*)$', '\1.\2\3'), '0+$', ''), '\.$', '.0')
      || 'E' || (length(regexp_extract(t, '\d+')) - 1)
    WHEN regexp_matches(t, '^-?0\.000\d*[1-9]') THEN
      regexp_replace(regexp_replace(t, '^(-?)0\.000(\d)(\d*)$', '\1\2.\3'), '\.$', '.0') || 'E-4'
    ELSE t END`,
];
