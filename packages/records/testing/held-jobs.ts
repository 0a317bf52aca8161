import { systemClock } from '@helicase/kernel';
import type { JobRun } from '../jobs.ts';

/** A worker's `run` that ends when the records stop, so that a test sees which jobs may be at work together. */
export class HeldJobs {
  /** Subjects, in the order in which they began. */
  readonly begun: string[] = [];

  readonly run = async ({
    signal,
    subject,
  }: Pick<JobRun<unknown, unknown, unknown>, 'signal' | 'subject'>): Promise<void> => {
    this.begun.push(subject);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  };

  async until(subject: string): Promise<void> {
    while (!this.begun.includes(subject)) await systemClock.sleep(5);
  }
}
