import { checkIntegrity, type Integrity, readConfiguration } from '@helicase/server';

/** Prints what it found, one sentence per fault; exit status 0 when clean. */
export async function fsck(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const { deep, ...others } = flags;
  const configuration = readConfiguration(others, process.env);
  const found = await checkIntegrity(configuration, { deep: deep === true });
  for (const fault of found.faults) console.log(`✗ ${fault}`);
  for (const note of notes(found)) console.log(`· ${note}`);
  const read = deep === true ? ', all of them read' : '';
  console.log(
    found.faults.length === 0
      ? `clean: ${found.kept} blobs, each with its record and its bytes${read}`
      : `${found.faults.length} faults among ${found.kept} blobs${read}`,
  );
  return found.faults.length === 0 ? 0 : 1;
}

/** What is no fault: a server sees to it. */
function notes({ awaitingSweep, unfinishedWrites, unfinishedJobs }: Integrity): readonly string[] {
  return [
    awaitingSweep > 0 ? `${awaitingSweep} blobs await the sweep of the next start` : '',
    unfinishedWrites > 0 ? `${unfinishedWrites} writes were left half; the next start removes them` : '',
    unfinishedJobs > 0 ? `${unfinishedJobs} jobs are unfinished; the next start goes on with them` : '',
  ].filter((note) => note !== '');
}
