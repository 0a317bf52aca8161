import type { Dialect } from '../database.ts';
import { columnTypes } from './column-types.ts';

/** Grows when the core tables change in a way that an older Helicase cannot live with. */
export const SCHEMA_VERSION = 1;

/**
 * The statements that make the core tables, and add the columns that those of earlier versions lack; each may be run
 * again.
 */
export function coreSchema(dialect: Dialect): readonly string[] {
  const { text, bytes, identity } = columnTypes(dialect);
  return [
    `create table if not exists helicase_schema (name ${text} primary key, value ${text} not null)`,
    `create table if not exists helicase_migration (name ${text} primary key, applied_at bigint not null)`,
    `create table if not exists instance (id ${text} primary key, heartbeat bigint not null)`,
    `create table if not exists wrapped_key
       (id ${text} primary key, wrapped ${bytes} not null, parent ${text} not null)`,
    ...outboxSchema(dialect, text, identity),
    ...jobSchema(text),
    `create table if not exists blob (id ${text} primary key, account ${text} not null, region ${text} not null,
       state ${text} not null, instance ${text} not null, created_at bigint not null)`,
    `create index if not exists blob_unkept on blob (state, instance) where state <> 'kept'`,
    `create table if not exists idempotency (account ${text} not null, region ${text} not null,
       operation ${text} not null, token ${text} not null, fingerprint ${text} not null, output ${text},
       instance ${text} not null, created_at bigint not null,
       primary key (account, region, operation, token))`,
    `create index if not exists idempotency_age on idempotency (created_at)`,
  ];
}

function outboxSchema(dialect: Dialect, text: string, identity: string): readonly string[] {
  const table = `create table if not exists outbox (entry ${identity}, position bigint,
    account ${text} not null, region ${text} not null, kind ${text} not null, id ${text} not null,
    type ${text} not null, from_status ${text}, to_status ${text}, why ${text}, message ${text},
    at bigint not null, revision bigint not null)`;
  const statements = [table, `alter table outbox add column notice ${text}`];
  if (dialect === 'sqlite') return statements;
  return [
    ...statements,
    `create sequence if not exists outbox_position`,
    `create unique index if not exists outbox_by_position on outbox (position)`,
    `create index if not exists outbox_unsequenced on outbox (entry) where position is null`,
  ];
}

function jobSchema(text: string): readonly string[] {
  return [
    `create table if not exists job (id ${text} primary key, account ${text} not null, region ${text} not null,
       kind ${text} not null, subject ${text} not null, actor ${text} not null, input ${text} not null,
       state ${text}, progress ${text}, status ${text} not null, priority bigint not null,
       not_before bigint not null, failures bigint not null, error ${text}, instance ${text},
       fence bigint not null, created_at bigint not null, finished_at bigint)`,
    `alter table job add column lane ${text} not null default ''`,
    `create table if not exists job_cancellation (id ${text} primary key)`,
    `create unique index if not exists job_unfinished on job (account, region, kind, subject)
       where status in ('queued', 'running')`,
    `create index if not exists job_lane on job (kind, account, lane, priority desc, created_at, id)
       where status = 'queued'`,
    `create index if not exists job_lane_age on job (kind, account, lane, created_at, id) where status = 'queued'`,
    `create index if not exists job_lane_running on job (kind, account, lane) where status = 'running'`,
    `create index if not exists job_finished on job (finished_at) where finished_at is not null`,
  ];
}
