import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Scope } from '@helicase/kernel';
import type { AuditEvent } from '../audit/audit-event.ts';
import { selects } from './event-selector.ts';
import { dayPath, keyStart, stamp, type Trail, type TrailDoc } from './trail.ts';
import type { TrailRoom } from './trail-room.ts';

/** What the next log file of a region holds: decided, and kept, before the file is written, so that a repetition writes the same. */
export interface FilePlan {
  readonly region: string;
  readonly key: string;
  readonly from: Readonly<Record<string, number>>;
  readonly to: Readonly<Record<string, number>>;
  /** With it everything is told that there was when it was made. */
  readonly isComplete: boolean;
}

/** Records of one server in one file, about. */
const MOST_RECORDS = 20_000;

/** Undefined where the trail has told everything. */
export async function planFile(room: TrailRoom, trail: Trail, region: string): Promise<FilePlan | undefined> {
  const scope = { account: trail.scope.account, region };
  const archive = await room.audit.upToDate();
  const from = trail.doc.delivery[region]?.told ?? {};
  const to: Record<string, number> = { ...from };
  const ends = Object.entries(await archive.ends(scope));
  for (const [server, end] of ends) {
    const told = from[server] ?? 0;
    if (end > told) to[server] = await archive.endWithin(scope, server, told, MOST_RECORDS);
  }
  const isNew = Object.entries(to).some(([server, end]) => end > (from[server] ?? 0));
  const isComplete = ends.every(([server, end]) => to[server] === end);
  return isNew ? { region, key: logFileKey(trail.doc, scope, room), from, to, isComplete } : undefined;
}

export interface LogFile {
  readonly gzipped: Buffer;
  readonly hash: string;
  readonly oldest: string;
  readonly newest: string;
}

/** The plan's records in CloudTrail's form; undefined where the trail selects none of them. */
export async function logFile(
  room: TrailRoom,
  { doc, scope: { account }, status }: Trail,
  plan: FilePlan,
): Promise<LogFile | undefined> {
  const archive = await room.audit.upToDate();
  const isSelected = selects(doc);
  const end = status === 'LOGGING' ? Infinity : doc.stoppedAt!;
  const records: AuditEvent[] = [];
  for (const [server, to] of Object.entries(plan.to)) {
    const scope = { account, region: plan.region };
    for await (const event of archive.between(scope, server, plan.from[server] ?? 0, to)) {
      if (isSelected(event) && Date.parse(event.eventTime) <= end) records.push(event);
    }
  }
  if (records.length === 0) return undefined;
  const times = records.map(({ eventTime }) => eventTime).sort();
  const text = JSON.stringify({ Records: records });
  return {
    gzipped: await promisify(gzip)(text),
    hash: createHash('sha256').update(text).digest('hex'),
    oldest: times[0]!,
    newest: times.at(-1)!,
  };
}

/** CloudTrail's name: AWSLogs/<account>/CloudTrail/<region>/<day>/<account>_CloudTrail_<region>_<time>_<unique>.json.gz */
function logFileKey(doc: TrailDoc, { account, region }: Scope, { clock, ids }: TrailRoom): string {
  const now = clock.now();
  const unique = ids.uuid().replaceAll('-', '').slice(0, 16);
  const name = `${account}_CloudTrail_${region}_${stamp(now, 'minutes')}_${unique}.json.gz`;
  return `${keyStart(doc, account)}/CloudTrail/${region}/${dayPath(now)}/${name}`;
}
