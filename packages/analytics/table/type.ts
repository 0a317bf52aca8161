/** A column's type, independent of who reads it. */
export type ColumnType =
  | 'string'
  | 'int'
  | 'bigint'
  | 'float'
  | 'double'
  | 'boolean'
  | { readonly array: ColumnType }
  | { readonly map: readonly ['string', 'string'] }
  | { readonly struct: Readonly<Record<string, ColumnType>> };

const DUCKDB = {
  string: 'VARCHAR',
  int: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** As DuckDB's SQL writes it. */
export function duckdbType(type: ColumnType): string {
  if (typeof type === 'string') return DUCKDB[type];
  if ('array' in type) return `${duckdbType(type.array)}[]`;
  if ('map' in type) return 'MAP(VARCHAR, VARCHAR)';
  const fields = Object.entries(type.struct).map(([name, field]) => `"${name}" ${duckdbType(field)}`);
  return `STRUCT(${fields.join(', ')})`;
}

/** As the Glue catalog and the guide write it: `array<struct<rank:string,total:string>>`. */
export function catalogType(type: ColumnType): string {
  if (typeof type === 'string') return type;
  if ('array' in type) return `array<${catalogType(type.array)}>`;
  if ('map' in type) return 'map<string,string>';
  const fields = Object.entries(type.struct).map(([name, field]) => `${name}:${catalogType(field)}`);
  return `struct<${fields.join(',')}>`;
}

const TRINO: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', float: 'real' };

/** As Trino writes it: `array(row(rank varchar, total varchar))`. */
export function queryType(type: ColumnType): string {
  if (typeof type === 'string') return TRINO[type] ?? type;
  if ('array' in type) return `array(${queryType(type.array)})`;
  if ('map' in type) return 'map(varchar, varchar)';
  const fields = Object.entries(type.struct).map(([name, field]) => `${name} ${queryType(field)}`);
  return `row(${fields.join(', ')})`;
}

/** As SQL writes a column's name. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** As SQL writes a text. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
