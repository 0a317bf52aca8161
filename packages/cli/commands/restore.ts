import { readConfiguration, restore as fill } from '@helicase/server';
import { fsck } from './fsck.ts';

/** Fills an empty data directory from a backup and checks it; exit status 0 when clean. */
export async function restore(flags: Readonly<Record<string, unknown>>, source: string): Promise<number> {
  const configuration = readConfiguration(flags, process.env);
  const manifest = await fill(source, configuration, (line) => console.log(`· ${line}`));
  console.log(`✓ ${configuration.data}: as it was on ${manifest.begun}`);
  return fsck(flags);
}
