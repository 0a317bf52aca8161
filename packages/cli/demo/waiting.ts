import { setTimeout as delay } from 'node:timers/promises';

/** Asks until `done` says so; throws after `seconds`. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  seconds = 240,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 1.3, 1000)) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what} did not finish within ${seconds} s: ${JSON.stringify(answer)}`);
    await delay(pause);
  }
}

/** Whether an import job has ended. */
export function isFinal(status: string | undefined): boolean {
  return status !== undefined && !['SUBMITTED', 'IN_PROGRESS', 'CANCELLING'].includes(status);
}
