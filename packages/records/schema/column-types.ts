import type { Dialect } from '../database.ts';

/** Column types per database, as SQL. Text compares by code point on both, so that orders and pages are the same. */
export function columnTypes(dialect: Dialect) {
  return dialect === 'sqlite'
    ? { text: 'text', bytes: 'blob', real: 'real', identity: 'integer primary key autoincrement' }
    : {
        text: 'text collate "C"',
        bytes: 'bytea',
        real: 'double precision',
        identity: 'bigint generated always as identity primary key',
      };
}
