import { checkIntegrity, readConfiguration } from '@helicase/server';

/** Prints what it found; exit status 0 when clean. */
export async function fsck(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const configuration = readConfiguration(flags, process.env);
  const { kept, awaitingSweep, faults } = await checkIntegrity(configuration);
  for (const fault of faults) console.log(`✗ ${fault}`);
  const waiting = awaitingSweep > 0 ? `; ${awaitingSweep} more await the sweep of the next start` : '';
  console.log(
    faults.length === 0
      ? `clean: ${kept} blobs, each with its bytes${waiting}`
      : `${faults.length} faults among ${kept} blobs${waiting}`,
  );
  return faults.length === 0 ? 0 : 1;
}
