/** An account with queued jobs of a kind, and how many of that kind run for it now, on all servers. */
export interface Waiting {
  readonly account: string;
  readonly running: number;
}

/**
 * Shares free places among accounts: each place goes to the account with the fewest running, among equals to the
 * one that was served longest ago. `lastServed` is kept by the caller from call to call.
 */
export function shareOut(
  waiting: readonly Waiting[],
  free: number,
  lastServed: Map<string, number>,
): Map<string, number> {
  const running = new Map(waiting.map((each) => [each.account, each.running]));
  const shares = new Map<string, number>();
  let turn = Math.max(0, ...lastServed.values());
  for (let place = 0; place < free && running.size > 0; place++) {
    const next = neediest(running, lastServed);
    running.set(next, (running.get(next) ?? 0) + 1);
    shares.set(next, (shares.get(next) ?? 0) + 1);
    lastServed.set(next, ++turn);
  }
  return shares;
}

function neediest(running: ReadonlyMap<string, number>, lastServed: ReadonlyMap<string, number>): string {
  let best: { account: string; running: number; served: number } | undefined;
  for (const [account, count] of running) {
    const served = lastServed.get(account) ?? 0;
    if (!best || count < best.running || (count === best.running && served < best.served)) {
      best = { account, running: count, served };
    }
  }
  return best!.account;
}
