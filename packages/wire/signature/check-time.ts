import { formatAmzTime } from './amz-time.ts';
import type { Claim } from './claim.ts';
import type { Refusals } from './errors.ts';

const MINUTE = 60_000;

/**
 * The window in which a signature is good: 5 minutes around its time (15 for S3), which bounds its replay too;
 * presigned ones until their end. Throws the family's refusal.
 */
export function checkTime(claim: Claim, now: number, refusals: Refusals): void {
  const minutes = claim.service === 's3' ? 15 : 5;
  const end = endOf(claim);
  if (end !== undefined && now > end) {
    throw refusals.presignExpired(values(claim.time ?? end, end, now, 0));
  }
  if (claim.time === undefined) return;
  const window = minutes * MINUTE;
  if (end === undefined && claim.time < now - window) {
    throw refusals.expired(values(claim.time, now - window, now, minutes));
  }
  if (claim.time > now + window) throw refusals.notYet(values(claim.time, now + window, now, minutes));
}

function endOf(claim: Claim): number | undefined {
  if (claim.version === 2) return claim.until;
  return claim.expires === undefined ? undefined : claim.time + claim.expires * 1000;
}

function values(signed: number, limit: number, now: number, minutes: number) {
  return {
    signed: formatAmzTime(signed),
    limit: formatAmzTime(limit),
    now: formatAmzTime(now),
    minutes,
  };
}
