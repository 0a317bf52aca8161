import { backUp, readConfiguration } from '@helicase/server';

/** Copies a data directory that may be in use; says how far it is. */
export async function backup(flags: Readonly<Record<string, unknown>>, target: string): Promise<number> {
  const configuration = readConfiguration(flags, process.env);
  const manifest = await backUp(configuration, target, (line) => console.log(`· ${line}`));
  console.log(`✓ ${target}: ${manifest.blobs} blobs, ${manifest.bytes} bytes, as of ${manifest.begun}`);
  if (!manifest.rootKey)
    console.log(
      '· The root key is not in it: the server has it from HELICASE_ROOT_KEY. Keep that elsewhere.',
    );
  return 0;
}
