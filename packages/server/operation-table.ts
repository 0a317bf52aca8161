import { s3Operations } from '@helicase/buckets';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { coverage, type CoverageRow } from '@helicase/wire';
import { readConfiguration } from './configuration.ts';
import { dataDirectory, prepareDataDirectory } from './data-directory.ts';
import { makeRooms } from './rooms.ts';

/** Every operation that the endpoint knows and whether a handler answers it. Rooms are made in `folder`, none is started. */
export async function operationTable(folder: string): Promise<readonly CoverageRow[]> {
  const configuration = readConfiguration({ data: folder }, {});
  const directory = dataDirectory(configuration.data);
  prepareDataDirectory(directory);
  const effects = {
    clock: systemClock,
    random: systemRandom,
    ids: new Ids(systemClock, systemRandom),
    log: silentLog,
  };
  const rooms = await makeRooms(configuration, directory, effects);
  const s3 = s3Operations.map(({ name }) => ({ service: 's3', operation: name, implemented: true }));
  const table = [...coverage(rooms.services), ...s3];
  await rooms.records.close();
  return table;
}
