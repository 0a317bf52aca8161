import { administer, readConfiguration } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `helicase events`: one event a line, as EventBridge's targets get it. Ends with SIGINT where it follows. */
export async function events(flags: Flags): Promise<number> {
  const { account, follow, pattern, region, since, ...serving } = flags;
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Following shows what comes; without it, all that is kept.
  const from = since === undefined ? (follow === true ? Date.now() : 0) : momentOf(String(since), Date.now());
  const query = {
    ...(typeof pattern === 'string' ? { pattern } : {}),
    ...(typeof account === 'string' ? { account } : {}),
    ...(typeof region === 'string' ? { region } : {}),
    ...(follow === true ? { follow: stopping.signal } : {}),
    since: from,
  };
  await administer(readConfiguration(serving, process.env), async (administration) => {
    for await (const event of administration.events(query)) console.log(JSON.stringify(event));
  });
  return 0;
}

/** `10m` before now, or a moment in ISO 8601. */
function momentOf(text: string, now: number): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * UNITS[unit!]!;
  const moment = Date.parse(text);
  if (Number.isNaN(moment))
    throw new UsageError(
      `--since "${text}" is neither a time, as in 2026-11-25T12:00:00Z, nor 90s, 10m, 2h or 3d`,
    );
  return moment;
}
