import { sql } from 'kysely';
import type { Migration } from '../records.ts';

/** What this room changes in tables that older databases have; new columns may be null. */
export const coreMigrations: readonly Migration[] = [
  {
    name: '2026-11-25-records-outbox-notice',
    async up(database) {
      await sql`alter table outbox add column notice text`.execute(database);
    },
  },
];
