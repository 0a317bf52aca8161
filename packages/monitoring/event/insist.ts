import { type Clock, ServiceError } from '@helicase/kernel';
import { Undeliverable } from './undeliverable.ts';

/** Milliseconds before the second try, doubled for each further one up to the longest. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 5 * 60_000;

export interface RetryPolicy {
  /** After the first. */
  readonly attempts: number;
  readonly seconds: number;
}

/** Tries until it is taken; the last error where it is refused for good, or the policy is at its end. Rejects when stopped. */
export async function insist(
  { clock }: { readonly clock: Clock },
  signal: AbortSignal,
  policy: RetryPolicy,
  attempt: () => Promise<void>,
): Promise<Error | undefined> {
  const begun = clock.now();
  for (let tried = 0; ; tried += 1) {
    signal.throwIfAborted();
    try {
      await attempt();
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const isOver = tried >= policy.attempts || (clock.now() - begun) / 1000 >= policy.seconds;
      const isRefused =
        error instanceof Undeliverable || (error instanceof ServiceError && error.status < 500);
      if (isRefused || isOver) return error as Error;
      await clock.sleep(Math.min(FIRST_WAIT * 2 ** tried, LONGEST_WAIT), signal).catch(() => {});
    }
  }
}
