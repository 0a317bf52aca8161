import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords } from '../../create-records.ts';
import { declareErrands, errandWorker } from '../errands.ts';

/** A server that does errands from a PostgreSQL database until it is killed; says `ready` once it is open. */
const [url, name, lease] = process.argv.slice(2) as [string, string, string];
const records = createRecords({
  database: { kind: 'postgres', url },
  clock: systemClock,
  ids: new Ids(systemClock, systemRandom),
  random: systemRandom,
  log: silentLog,
  timing: { lease: Number(lease), heartbeat: Number(lease) / 4, poll: 50, backOff: 20 },
});
declareErrands(records);
await records.open();
records.jobs.register(errandWorker(name, () => systemClock.sleep(Math.random() * 15)));
records.jobs.start();
process.stdout.write('ready\n');
