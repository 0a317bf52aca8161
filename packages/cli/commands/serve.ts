import { readConfiguration, startServer } from '@helicase/server';

/** Serves until SIGINT or SIGTERM; a second signal ends at once. */
export async function serve(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const configuration = readConfiguration(flags, process.env);
  const server = await startServer(configuration);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  await server.stop();
  return 0;
}
