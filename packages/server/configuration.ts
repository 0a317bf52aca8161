import { isRecord } from '@helicase/kernel';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExternalBucketConfig } from '@helicase/buckets';
import type { UpstreamOptions } from '@helicase/registry';
import { acceleratorTypeProblem } from '@helicase/runtime';
import { type MessagingEndpoint, QUOTAS } from '@helicase/monitoring';
import { type PrivateEndpoint, privateEndpoints } from './private-endpoint.ts';
import { type SignInProvider, signInProviders } from './sign-in/providers.ts';
import {
  type Connections,
  connectionsFault,
  priceFault,
  type Prices,
  type Subnets,
  subnetsFault,
} from '@helicase/workflows';

/** Everything a server is told at boot; validated once, then frozen. */
export interface Configuration {
  readonly hosts: readonly string[];
  readonly port: number;
  /** Absolute path of the data directory. */
  readonly data: string;
  readonly regions: readonly string[];
  /** The account made at first start; a random one where not given. */
  readonly accountId?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly database: { readonly kind: 'sqlite' } | { readonly kind: 'postgres'; readonly url: string };
  readonly bytes: { readonly kind: 'folder' } | ({ readonly kind: 's3' } & S3Location);
  /** Buckets whose name begins with `prefix` are not embedded but live at this S3; all accounts use them unless some are named. */
  readonly externalBuckets: readonly ExternalBucketConfig[];
  /** Image names as workflows write them -> where they are (`123456789012.dkr.ecr.us-east-1.amazonaws.com/tools` -> `registry.lab/tools`). */
  readonly registries: Readonly<Record<string, string>>;
  /** The OCI registry that keeps what is pushed to ECR's repositories; without it there are none. */
  readonly registry?: UpstreamOptions;
  readonly maxActiveRuns: number;
  /** Runs that an account has in a region, active or not: "Number of workflow runs (active or inactive)". */
  readonly maxKeptRuns: number;
  /** `aws`: the guide's rates hold; `own`: only what the machine needs. */
  readonly quotaProfile: 'aws' | 'own';
  /** Servers that speak SQS or SNS, for targets of events. */
  readonly messaging: readonly MessagingEndpoint[];
  /** Quotas that the operator set for every account, by code. */
  readonly quotas: Readonly<Record<string, number>>;
  /** What the price list says and the run analyzer reckons with; empty unless set. */
  readonly prices: Prices;
  /** To Git servers that workflows' definitions are taken from, by ARN. */
  readonly connections: Connections;
  /** Networks that tasks of runs with networkingMode VPC have, by the ids that configurations name. */
  readonly subnets: Subnets;
  /** Accelerator types of the guide that this machine's GPUs stand for, whatever model they are. */
  readonly acceleratorTypes: readonly string[];
  /** Days after which read sets that nobody used are archived; never where 0. */
  readonly archiveAfterDays: number;
  /** Bytes a second that are re-read in the background to find damage; none where 0. */
  readonly scrubRate: number;
  /** Web pages of these origins (`https://igv.org`) may read answers in a browser; `*`: of any. None unless set. */
  readonly corsOrigins: readonly string[];
  /** Tasks of runs reach this server's S3 in the name of the run's role; off unless set. */
  readonly tasksReachS3: boolean;
  /** The server starts only where what runs and readers hold unsealed lies on a file system that is seen to be encrypted. */
  readonly requireEncryptedScratch: boolean;
  /** Further listeners, each with a policy. */
  readonly endpoints: readonly PrivateEndpoint[];
  /** OpenID Connect issuers that the page for signing in offers beside access keys. */
  readonly signIn: readonly SignInProvider[];
  /** Requests that are answered at one time; more are told to come again. */
  readonly maxRequests: number;
  /** Of an OTLP collector (`http://127.0.0.1:4318`), which is told of requests, runs and tasks; nobody is unless set. */
  readonly otlpEndpoint?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
export interface S3Location extends S3Access {
  readonly bucket: string;
  readonly prefix: string;
}

/** A configuration that cannot be; every fault at once, one sentence each. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

/** The options as text or JSON values, however they came. */
type RawOptions = Readonly<Record<string, unknown>>;

const OPTIONS: Readonly<Record<string, { readonly environment: string }>> = {
  host: { environment: 'HELICASE_HOST' },
  port: { environment: 'HELICASE_PORT' },
  data: { environment: 'HELICASE_DATA' },
  regions: { environment: 'HELICASE_REGIONS' },
  accountId: { environment: 'HELICASE_ACCOUNT_ID' },
  tlsCertificate: { environment: 'HELICASE_TLS_CERTIFICATE' },
  tlsKey: { environment: 'HELICASE_TLS_KEY' },
  database: { environment: 'HELICASE_DATABASE' },
  bytes: { environment: 'HELICASE_BYTES' },
  externalBuckets: { environment: 'HELICASE_EXTERNAL_BUCKETS' },
  registries: { environment: 'HELICASE_REGISTRIES' },
  registry: { environment: 'HELICASE_REGISTRY' },
  maxActiveRuns: { environment: 'HELICASE_MAX_ACTIVE_RUNS' },
  maxKeptRuns: { environment: 'HELICASE_MAX_KEPT_RUNS' },
  quotaProfile: { environment: 'HELICASE_QUOTA_PROFILE' },
  quotas: { environment: 'HELICASE_QUOTAS' },
  messaging: { environment: 'HELICASE_MESSAGING' },
  prices: { environment: 'HELICASE_PRICES' },
  connections: { environment: 'HELICASE_CONNECTIONS' },
  subnets: { environment: 'HELICASE_SUBNETS' },
  acceleratorTypes: { environment: 'HELICASE_ACCELERATOR_TYPES' },
  archiveAfterDays: { environment: 'HELICASE_ARCHIVE_AFTER_DAYS' },
  scrubRate: { environment: 'HELICASE_SCRUB_RATE' },
  corsOrigins: { environment: 'HELICASE_CORS_ORIGINS' },
  tasksReachS3: { environment: 'HELICASE_TASKS_REACH_S3' },
  requireEncryptedScratch: { environment: 'HELICASE_REQUIRE_ENCRYPTED_SCRATCH' },
  endpoints: { environment: 'HELICASE_ENDPOINTS' },
  signIn: { environment: 'HELICASE_SIGN_IN' },
  maxRequests: { environment: 'HELICASE_MAX_REQUESTS' },
  // The name that OpenTelemetry gives it.
  otlpEndpoint: { environment: 'OTEL_EXPORTER_OTLP_ENDPOINT' },
  logLevel: { environment: 'HELICASE_LOG_LEVEL' },
};

/**
 * Flags win over the environment, the environment over the file (`--config` or HELICASE_CONFIG, JSON with the
 * flags' names in camelCase), the file over the defaults.
 */
export function readConfiguration(flags: RawOptions, environment: NodeJS.ProcessEnv): Configuration {
  const file = text(flags['config']) ?? environment['HELICASE_CONFIG'];
  const layers = [flags, fromEnvironment(environment), file ? fromFile(file) : {}];
  const raw: Record<string, unknown> = {};
  for (const name of Object.keys(OPTIONS)) {
    raw[name] = layers.map((layer) => layer[name]).find((value) => value !== undefined && value !== '');
  }
  return validate(raw);
}

function fromEnvironment(environment: NodeJS.ProcessEnv): RawOptions {
  return Object.fromEntries(
    Object.entries(OPTIONS).map(([name, option]) => [name, environment[option.environment]]),
  );
}

function fromFile(path: string): RawOptions {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigurationError([`config file ${path}: ${(error as Error).message}`]);
  }
  if (!isRecord(parsed)) throw new ConfigurationError([`config file ${path}: must be a JSON object`]);
  const unknown = Object.keys(parsed).filter((name) => !(name in OPTIONS));
  if (unknown.length > 0) {
    const known = Object.keys(OPTIONS).join(', ');
    throw new ConfigurationError(
      unknown.map((name) => `config file ${path}: "${name}" is no option; the options are ${known}`),
    );
  }
  return parsed;
}

function validate(raw: RawOptions): Configuration {
  const faults: string[] = [];
  const check = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      faults.push((error as Error).message);
      return undefined;
    }
  };
  const certificate = text(raw['tlsCertificate']);
  const key = text(raw['tlsKey']);
  if ((certificate === undefined) !== (key === undefined)) {
    faults.push('tlsCertificate and tlsKey belong together: give both, as paths of PEM files');
  }
  const accountId = text(raw['accountId']);
  if (accountId !== undefined && !/^\d{12}$/.test(accountId))
    faults.push(`accountId "${accountId}" must be 12 digits`);
  const configuration = {
    hosts: list(raw['host']) ?? ['127.0.0.1', '::1'],
    port: check(() => integer('port', raw['port'], 4600, 0, 65_535)),
    data: resolve(text(raw['data']) ?? 'helicase-data'),
    regions: check(() => regions(raw['regions'])),
    ...(accountId === undefined ? {} : { accountId }),
    ...(certificate && key ? { tls: { certificate: resolve(certificate), key: resolve(key) } } : {}),
    database: check(() => database(text(raw['database']))),
    bytes: check(() => bytes(raw['bytes'])),
    externalBuckets: check(() => externalBuckets(json('externalBuckets', raw['externalBuckets']) ?? [])),
    registries: check(() => registries(json('registries', raw['registries']) ?? {})),
    ...check(() => registryOf(raw['registry'])),
    maxActiveRuns: check(() => integer('maxActiveRuns', raw['maxActiveRuns'], 10, 1, 10_000)),
    maxKeptRuns: check(() => integer('maxKeptRuns', raw['maxKeptRuns'], 5_000, 1, 10_000_000)),
    quotaProfile: check(() => quotaProfile(text(raw['quotaProfile']) ?? 'own')),
    quotas: check(() => quotas(json('quotas', raw['quotas']) ?? {})),
    messaging: check(() => messaging(json('messaging', raw['messaging']) ?? [])),
    prices: check(() => pricesOf(json('prices', raw['prices']) ?? {})),
    connections: check(() => connectionsOf(json('connections', raw['connections']) ?? {})),
    subnets: check(() => subnetsOf(json('subnets', raw['subnets']) ?? {})),
    acceleratorTypes: check(() => acceleratorTypes(list(raw['acceleratorTypes']) ?? [])),
    archiveAfterDays: check(() => integer('archiveAfterDays', raw['archiveAfterDays'], 30, 0, 36_500)),
    scrubRate: check(() => integer('scrubRate', raw['scrubRate'], 8_000_000, 0, 1e12)),
    corsOrigins: check(() => corsOrigins(list(raw['corsOrigins']) ?? [])),
    tasksReachS3: check(() => flag('tasksReachS3', raw['tasksReachS3'])),
    requireEncryptedScratch: check(() => flag('requireEncryptedScratch', raw['requireEncryptedScratch'])),
    endpoints: check(() => privateEndpoints(json('endpoints', raw['endpoints']) ?? [])),
    signIn: check(() => signInProviders(json('signIn', raw['signIn']) ?? [])),
    maxRequests: check(() => integer('maxRequests', raw['maxRequests'], 1_000, 1, 100_000)),
    ...check(() => otlpEndpoint(text(raw['otlpEndpoint']))),
    logLevel: check(() => logLevel(text(raw['logLevel']) ?? 'info')),
  };
  if (faults.length > 0) throw new ConfigurationError(faults);
  return Object.freeze(configuration) as Configuration;
}

function integer(name: string, value: unknown, otherwise: number, min: number, max: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`${name} "${String(value)}" must be a whole number from ${min} to ${max}`);
  }
  return number;
}

function flag(name: string, value: unknown): boolean {
  const word = String(value ?? false);
  if (word !== 'true' && word !== 'false') throw new Error(`${name} "${word}" must be true or false`);
  return word === 'true';
}

function regions(value: unknown): readonly string[] {
  const given = list(value) ?? ['us-east-1'];
  const wrong = given.filter((region) => !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region));
  if (wrong.length > 0)
    throw new Error(`regions: "${wrong.join('", "')}" has not the form of a region such as us-east-1`);
  return given;
}

function database(value: string | undefined): Configuration['database'] {
  if (value === undefined || value === 'sqlite') return { kind: 'sqlite' };
  if (/^postgres(ql)?:\/\//.test(value)) return { kind: 'postgres', url: value };
  throw new Error(`database "${value}" must be "sqlite" or a postgres:// URL`);
}

function bytes(value: unknown): Configuration['bytes'] {
  if (value === undefined || value === 'folder') return { kind: 'folder' };
  const given = json('bytes', value);
  if (!isRecord(given))
    throw new Error('bytes must be "folder" or an object with endpoint, region, bucket, prefix and keys');
  const location = s3Access('bytes', given);
  const bucket = text(given['bucket']);
  if (!bucket) throw new Error('bytes.bucket is missing');
  return { kind: 's3', ...location, bucket, prefix: text(given['prefix']) ?? '' };
}

function externalBuckets(value: unknown): Configuration['externalBuckets'] {
  if (!Array.isArray(value)) throw new Error('externalBuckets must be a list of objects');
  return value.map((entry: unknown, index) => {
    const name = `externalBuckets[${index}]`;
    if (!isRecord(entry) || !text(entry['prefix'])) throw new Error(`${name}.prefix is missing`);
    const unknown = Object.keys(entry).find((member) => !EXTERNAL_MEMBERS.includes(member));
    if (unknown !== undefined)
      throw new Error(`${name} has no member "${unknown}": it has ${EXTERNAL_MEMBERS.join(', ')}`);
    return {
      prefix: String(entry['prefix']),
      ...s3Access(name, entry),
      ...accountsOf(name, entry['accounts']),
    };
  });
}

/** A misspelt one must not open to everyone what was meant for some. */
const EXTERNAL_MEMBERS = ['prefix', 'endpoint', 'region', 'accessKeyId', 'secretAccessKey', 'accounts'];

function accountsOf(name: string, accounts: unknown): { readonly accounts?: readonly string[] } {
  if (accounts === undefined) return {};
  if (!Array.isArray(accounts)) throw new Error(`${name}.accounts must be a list of account ids`);
  return { accounts: accounts.map(String) };
}

/** Messages may name patients' files: they leave this machine encrypted or not at all. */
function messaging(value: unknown): Configuration['messaging'] {
  if (!Array.isArray(value)) throw new Error('messaging must be a list of objects');
  return value.map((entry: unknown, index) => {
    const name = `messaging[${index}]`;
    if (!isRecord(entry)) throw new Error(`${name} must be an object`);
    const { accounts, service } = entry;
    if (service !== 'sqs' && service !== 'sns') throw new Error(`${name}.service must be sqs or sns`);
    const access = s3Access(name, entry);
    const { hostname, protocol } = URL.canParse(access.endpoint)
      ? new URL(access.endpoint)
      : { hostname: '', protocol: '' };
    const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && isLocal))
      throw new Error(
        `${name}.endpoint "${access.endpoint}" must be https (http is possible to this machine alone)`,
      );
    return { service, ...access, ...accountsOf(name, accounts) };
  });
}

function s3Access(name: string, given: Readonly<Record<string, unknown>>): S3Access {
  const missing = ['endpoint', 'accessKeyId', 'secretAccessKey'].filter((member) => !text(given[member]));
  if (missing.length > 0) throw new Error(`${name}: ${missing.join(', ')} missing`);
  return {
    endpoint: String(given['endpoint']),
    region: text(given['region']) ?? 'us-east-1',
    credentials: {
      accessKeyId: String(given['accessKeyId']),
      secretAccessKey: String(given['secretAccessKey']),
    },
  };
}

function registries(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value) || Object.values(value).some((target) => typeof target !== 'string')) {
    throw new Error('registries must be an object of image name prefixes');
  }
  return value as Record<string, string>;
}

/** A URL, or an object with the URL, username and password. */
function registryOf(value: unknown): { readonly registry?: UpstreamOptions } {
  if (value === undefined) return {};
  const isUrl = typeof value === 'string' && /^https?:/.test(value);
  const given = isUrl ? { url: value } : json('registry', value);
  const url = isRecord(given) ? text(given['url']) : undefined;
  if (!isRecord(given) || url === undefined || !/^https?:/.test(url) || !URL.canParse(url))
    throw new Error(
      'registry must be the URL of an OCI registry, or an object with url, username and password',
    );
  const { password, username } = new URL(url);
  if (username !== '' || password !== '')
    throw new Error('registry: give username and password as members of an object, not in the URL');
  const login = { username: text(given['username']), password: text(given['password']) };
  if ((login.username === undefined) !== (login.password === undefined))
    throw new Error('registry.username and registry.password belong together');
  const { username: user, password: secret } = login;
  return {
    registry: {
      url,
      ...(user === undefined ? {} : { username: user }),
      ...(secret === undefined ? {} : { password: secret }),
    },
  };
}

function pricesOf(value: unknown): Prices {
  const fault = priceFault(value);
  if (fault !== undefined) throw new Error(fault);
  return value as Prices;
}

function connectionsOf(value: unknown): Connections {
  const fault = connectionsFault(value);
  if (fault !== undefined) throw new Error(fault);
  return value as Connections;
}

function subnetsOf(value: unknown): Subnets {
  const fault = subnetsFault(value);
  if (fault !== undefined) throw new Error(fault);
  return value as Subnets;
}

function acceleratorTypes(given: readonly string[]): readonly string[] {
  const fault = given.map(acceleratorTypeProblem).find((one) => one !== undefined);
  if (fault !== undefined) throw new Error(`acceleratorTypes: ${fault}`);
  return given;
}

function corsOrigins(given: readonly string[]): readonly string[] {
  const wrong = given.filter((origin) => origin !== '*' && !isOrigin(origin));
  if (wrong.length > 0)
    throw new Error(
      `corsOrigins: "${wrong.join('", "')}" is no origin: give scheme, host and port alone, as in https://igv.org`,
    );
  return given;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function otlpEndpoint(value: string | undefined): { readonly otlpEndpoint?: string } {
  if (value === undefined) return {};
  if (!/^https?:/.test(value) || !URL.canParse(value))
    throw new Error(
      `otlpEndpoint "${value}" must be the URL of an OTLP collector, as in http://127.0.0.1:4318`,
    );
  return { otlpEndpoint: value.replace(/\/$/, '') };
}

function logLevel(value: string): Configuration['logLevel'] {
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  const level = levels.find((known) => known === value);
  if (!level) throw new Error(`logLevel "${value}" must be one of ${levels.join(', ')}`);
  return level;
}

function json(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`${name} must be JSON`);
  }
}

function list(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return text(value)
    ?.split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

function quotaProfile(given: string): Configuration['quotaProfile'] {
  if (given === 'aws' || given === 'own') return given;
  throw new Error(`quotaProfile "${given}" must be aws (the guide's rates hold) or own (they do not)`);
}

function quotas(given: unknown): Configuration['quotas'] {
  if (!isRecord(given) || !Object.values(given).every((value) => typeof value === 'number' && value > 0))
    throw new Error('quotas must be an object of numbers above 0 by quota code: {"L-1234ABCD": 50}');
  for (const code of Object.keys(given)) {
    const quota = QUOTAS.find((one) => one.code === code);
    if (!quota)
      throw new Error(
        `quotas names "${code}", which is no quota: aws service-quotas list-service-quotas names them`,
      );
    if (!quota.adjustable) throw new Error(`quotas names "${code}" (${quota.name}), which is not adjustable`);
  }
  return given as Configuration['quotas'];
}
