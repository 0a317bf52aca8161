import type { TaskHost } from '@helicase/runtime';

/** How far a local run is: the tasks that run, and how many have ended. */
interface Tally {
  readonly running: Set<string>;
  finished: number;
}

/**
 * The host, and on a terminal a line that is rewritten while tasks run: how many are done, and the newest of those
 * that are running. Elsewhere one line for each task that ends.
 */
export function withProgress(host: TaskHost, output: NodeJS.WriteStream): TaskHost {
  const tally: Tally = { running: new Set(), finished: 0 };
  const show = () => {
    // A terminal that does not know its width says 0.
    const line = statusLine(tally).slice(0, (output.columns || 80) - 1);
    if (output.isTTY) output.write(`\r\x1b[K${line}`);
  };
  return {
    ...host,
    run: async (request, signal) => {
      const name = request.attempt > 1 ? `${request.name} (attempt ${request.attempt})` : request.name;
      tally.running.add(name);
      show();
      try {
        const outcome = await host.run(request, signal);
        const seconds = ((outcome.finishedAt - outcome.startedAt) / 1000).toFixed(1);
        if (!output.isTTY)
          output.write(`${name}: ${outcome.status} ${outcome.exitCode ?? ''} (${seconds} s)\n`);
        return outcome;
      } finally {
        tally.running.delete(name);
        tally.finished += 1;
        show();
      }
    },
  };
}

/** Removes the line of `withProgress` from a terminal. */
export function clearProgress(output: NodeJS.WriteStream): void {
  if (output.isTTY) output.write('\r\x1b[K');
}

function statusLine({ running, finished }: Tally): string {
  const newest = [...running].at(-1);
  const rest = running.size > 1 ? ` and ${running.size - 1} more` : '';
  return `${finished} tasks done${newest === undefined ? '' : `, running ${newest}${rest}`}`;
}
