import { Ids, type Log, systemClock, systemRandom } from '@helicase/kernel';
import { createGateway, type RequestObserver } from '@helicase/wire';
import type { Configuration } from './configuration.ts';
import { writeCredentials, writeEndpoint } from './credentials.ts';
import {
  type DataDirectory,
  dataDirectory,
  lockDataDirectory,
  prepareDataDirectory,
} from './data-directory.ts';
import { requireEncryption } from './host-encryption.ts';
import type { Listener } from './http-servers.ts';
import { listen, ownRoutes, requestListener } from './listener.ts';
import { processLog } from './log.ts';
import { listenPrivately } from './private-listener.ts';
import { type Effects, makeRooms, type Rooms } from './rooms.ts';
import { Scrubber } from './scrubber.ts';
import { signInRoutes } from './sign-in/routes.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** A server that answers. */
export interface RunningServer {
  readonly urls: readonly string[];
  /** Of its private endpoints, in the order of the configuration. */
  readonly endpointUrls: readonly string[];
  /** Graceful: no new requests, running attempts given back, files closed. */
  stop(): Promise<void>;
}

/** Milliseconds that requests under way may take while the server stops. */
const STOP_GRACE = 10_000;
/** Milliseconds. */
const SWEEP_INTERVAL = 60_000;
/** Milliseconds. */
const ACCESS_LOG_INTERVAL = 5 * 60 * 1000;
/** Milliseconds. Tiers are told in days. */
const ARCHIVE_INTERVAL = 60 * 60 * 1000;
/** Milliseconds. No single file takes longer to be written. */
const LONGEST_WRITE = 2 * 24 * 60 * 60 * 1000;

/** Opens the data directory, wires the rooms, listens. Throws ConfigurationError or DataDirectoryRefused. */
export async function startServer(configuration: Configuration): Promise<RunningServer> {
  const directory = dataDirectory(configuration.data);
  prepareDataDirectory(directory);
  if (configuration.requireEncryptedScratch) requireEncryption(directory);
  const lock = lockDataDirectory(directory);
  const log = processLog(configuration.logLevel);
  const effects: Effects = {
    clock: systemClock,
    random: systemRandom,
    ids: new Ids(systemClock, systemRandom),
    log,
  };
  const rooms = await makeRooms(configuration, directory, effects);
  await rooms.records.open();
  await rooms.monitoring.start();
  await keepCredentials(configuration, directory, rooms);
  await removeUnfinishedWrites(configuration, rooms);
  const scrubber = openScrubber(configuration, directory, rooms, effects);
  const figures = () => rooms.monitoring.apiCalls.page() + (scrubber?.figures() ?? '');
  const telemetry = await openTelemetry(configuration, rooms, effects);
  const observers = telemetry ? [telemetry.observer] : [];
  const { listener, privately } = await openListeners(configuration, rooms, effects, { figures, observers });
  const reload = () => [listener, privately].forEach((each) => reloadCertificate(each, log));
  // Without TLS there is nothing to read anew, and a terminal that closes ends the server as ever.
  if (configuration.tls) process.on('SIGHUP', reload);
  writeEndpoint(directory, { processId: process.pid, urls: listener.urls });
  await rooms.vault.cleanScratch();
  await rooms.workflows.start();
  rooms.records.jobs.start();
  const sweeper = startSweeping(rooms, log);
  const archiver = startArchiving(rooms, log);
  const accessLogs = startAccessLogs(rooms, log);
  scrubber?.start();
  telemetry?.start();
  log.info({ urls: listener.urls, endpoints: privately.urls, data: configuration.data }, 'serving');
  return {
    urls: listener.urls,
    endpointUrls: privately.urls,
    async stop() {
      log.info({}, 'stopping');
      clearInterval(sweeper);
      clearInterval(archiver);
      clearInterval(accessLogs);
      process.off('SIGHUP', reload);
      const closed = [listener.close(STOP_GRACE), privately.close(STOP_GRACE)];
      await Promise.all([...closed, rooms.records.jobs.stop(), scrubber?.stop()]);
      await rooms.workflows.stop();
      await rooms.analytics.close();
      await telemetry?.stop();
      await rooms.monitoring.stop();
      await rooms.records.close();
      lock.release();
      log.info({}, 'stopped');
    },
  };
}

/** A certificate that cannot be used is told, and the one before stays. */
function reloadCertificate(listener: Listener, log: Log): void {
  try {
    listener.reloadCertificate();
    log.info({}, 'the TLS certificate was read anew');
  } catch (error) {
    log.error({ error: String(error) }, 'the TLS certificate cannot be read anew; the one before stays');
  }
}

async function keepCredentials(
  configuration: Configuration,
  directory: DataDirectory,
  rooms: Rooms,
): Promise<void> {
  const key = await rooms.access.ensureAccount(configuration.accountId);
  writeCredentials(directory, { ...key, region: configuration.regions[0]! });
}

async function openListeners(
  configuration: Configuration,
  rooms: Rooms,
  effects: Effects,
  { figures, observers }: { readonly figures: () => string; readonly observers: readonly RequestObserver[] },
): Promise<{ readonly listener: Listener; readonly privately: Listener }> {
  const gateway = createGateway({
    ...effects,
    services: rooms.services,
    raw: rooms.raw,
    credentials: rooms.access.credentials,
    authorizer: rooms.access.authorizer,
    observers: [...rooms.monitoring.observers, rooms.access.observer, ...observers],
    idempotency: rooms.records.idempotency,
    regions: configuration.regions,
  });
  const app = await ownRoutes({
    health: async () => ({ status: 'ok' }),
    figures,
    openExport: rooms.workflows.openExport,
    signIn: (routes) => signInRoutes(routes, configuration.signIn, configuration.regions[0]!),
  });
  const { corsOrigins, maxRequests } = configuration;
  const door = rooms.registry.door(rooms.monitoring.observers);
  const handle = requestListener(app, gateway, effects, { corsOrigins, maxRequests }, door);
  const privately = await listenPrivately(configuration, handle);
  return { listener: await listen(configuration, handle, effects.log), privately };
}

/** Writes that dead processes left half. The folder is ours alone; in a bucket other servers may be writing. */
async function removeUnfinishedWrites({ bytes }: Configuration, { store }: Rooms): Promise<void> {
  const age = bytes.kind === 'folder' ? 0 : LONGEST_WRITE;
  await store.removeUnfinished(systemClock.now() - age);
}

/** Bytes that no record points to are deleted soon after, and what a dead process left at start. */
function startSweeping(rooms: Rooms, log: Log): NodeJS.Timeout {
  const sweep = () => {
    rooms.vault
      .sweep()
      .catch((error: unknown) => log.error({ error: String(error) }, 'the sweep failed; it is tried again'));
  };
  sweep();
  return setInterval(sweep, SWEEP_INTERVAL).unref();
}

/** What a dead process left is written at once. What waits when this one stops the next start writes. */
function startAccessLogs(rooms: Rooms, log: Log): NodeJS.Timeout {
  let delivery = Promise.resolve();
  const deliver = () => {
    delivery = delivery
      .then(() => rooms.storage.deliverAccessLogs())
      .catch((error: unknown) => log.error({ error: String(error) }, 'access logs could not be delivered'));
  };
  deliver();
  return setInterval(deliver, ACCESS_LOG_INTERVAL).unref();
}

/** Read sets that nobody used for long are enqueued for the archive. */
function startArchiving(rooms: Rooms, log: Log): NodeJS.Timeout {
  const look = () => {
    rooms.storage
      .archiveIdle()
      .catch((error: unknown) =>
        log.error({ error: String(error) }, 'idle read sets could not be looked for'),
      );
  };
  look();
  return setInterval(look, ARCHIVE_INTERVAL).unref();
}

/** Undefined where nobody is to be told; its libraries are loaded only then. */
async function openTelemetry(
  { otlpEndpoint: endpoint }: Configuration,
  { monitoring, records, workflows }: Rooms,
  { clock, log }: Effects,
): Promise<Telemetry | undefined> {
  if (endpoint === undefined) return undefined;
  const { Telemetry: Opened } = await import('./telemetry/telemetry.ts');
  return new Opened({
    ...{ endpoint, clock, log, records },
    calls: () => monitoring.apiCalls.counts(),
    times: (scope, runId) => workflows.times(scope, runId),
  });
}

/** Undefined where nothing is to be re-read. */
function openScrubber(
  { scrubRate: rate }: Configuration,
  { scrub: file }: DataDirectory,
  { ownedBlobs: owned, records, vault }: Rooms,
  { clock, log }: Effects,
): Scrubber | undefined {
  if (rate === 0) return undefined;
  return new Scrubber({ owned, ledger: records.blobs, vault, clock, log, rate, file });
}
