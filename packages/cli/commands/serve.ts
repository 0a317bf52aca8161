import { readConfiguration, startServer } from '@helicase/server';

/** Serves until SIGINT or SIGTERM; a second signal ends at once. */
export async function serve(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const configuration = readConfiguration(flags, process.env);
  const toldToStop = signalled(); // also while it starts: what it has begun then is finished first
  void toldToStop.then(() => signalled()).then(() => process.exit(130));
  const server = await startServer(configuration);
  await toldToStop;
  await server.stop();
  return 0;
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
