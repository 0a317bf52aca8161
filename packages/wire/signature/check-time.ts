import type { ServiceError } from '@helicase/kernel';
import { formatAmzTime } from './amz-time.ts';
import type { Claim } from './claim.ts';
import type { Refusals } from './errors.ts';

const MINUTE = 60_000;

/**
 * The window in which a signature is good: 5 minutes around its time (15 for S3), which bounds its replay too;
 * presigned ones until their end. The family's refusal outside of it.
 */
export function timeRefusal(claim: Claim, now: number, refusals: Refusals): ServiceError | undefined {
  const minutes = claim.service === 's3' ? 15 : 5;
  const end = endOf(claim);
  if (end !== undefined && now > end) {
    return refusals.presignExpired(values(claim.time ?? end, end, now, 0));
  }
  if (claim.time === undefined) return undefined;
  const window = minutes * MINUTE;
  if (end === undefined && claim.time < now - window) {
    return refusals.expired(values(claim.time, now - window, now, minutes));
  }
  if (claim.time > now + window) return refusals.notYet(values(claim.time, now + window, now, minutes));
  return undefined;
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
