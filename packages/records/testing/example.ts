import { type Actor, type Clock, rootPrincipal, type Scope, systemClock } from '@helicase/kernel';
import type { Records, Transaction } from '../records.ts';
import type { ResourceTable } from '../resource.ts';
import type { JobWorker } from '../jobs.ts';

/** Two accounts in two regions: what the tests of this room run in. */
export const SCOPES: readonly Scope[] = ['111122223333', '444455556666'].flatMap((account) =>
  ['us-east-1', 'eu-west-1'].map((region) => ({ account, region })),
);
export const [EAST, WEST, OTHER_EAST, OTHER_WEST] = SCOPES as [Scope, Scope, Scope, Scope];

export function actorIn(scope: Scope): Actor {
  return { scope, principal: rootPrincipal(scope.account) };
}

export interface BookDoc {
  readonly title: string;
  readonly pages: number | null;
}
export type BookStatus = 'WRITING' | 'PRINTED' | 'BURNT';
export type Books = ResourceTable<BookDoc, BookStatus, 'title' | 'pages', Transaction>;

/** A resource as rooms declare theirs. */
export function declareBooks(records: Records): Books {
  return records.resource<BookDoc, BookStatus, 'title' | 'pages'>({
    kind: 'library-book',
    machine: {
      WRITING: { PRINTED: 'the author was done', BURNT: 'the author was not content' },
      PRINTED: { BURNT: 'fire' },
      BURNT: {},
    },
    columns: { title: (doc) => doc.title, pages: (doc) => doc.pages },
    unique: ['title'],
  });
}

/** Time that moves when the test says so; sleeping is real. */
export class ManualClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  readonly sleep = systemClock.sleep;

  now(): number {
    return this.time;
  }
}

/** A worker with the given behaviour; `run` alone is usually enough. */
export function worker(
  changes: Partial<JobWorker<unknown, unknown, Transaction>> &
    Pick<JobWorker<unknown, unknown, Transaction>, 'run'>,
): JobWorker<unknown, unknown, Transaction> {
  return { kind: 'errand', concurrency: 4, exhausted: async () => {}, ...changes };
}

/** Waits until it is so, for ten seconds at most. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It did not become so: ${isSo.toString()}`);
    await systemClock.sleep(5);
  }
}
