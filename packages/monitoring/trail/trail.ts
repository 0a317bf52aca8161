import type { AdvancedEventSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type { Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import { errors } from '../audit/errors.ts';

/** A log file that no digest names yet. */
export interface DeliveredFile {
  readonly key: string;
  readonly bucket: string;
  /** SHA-256 of the text before compression, hexadecimal. */
  readonly hash: string;
  readonly oldest: string;
  readonly newest: string;
}

/** The digest that the next one is chained to. */
export interface LastDigest {
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
  readonly signature: string;
}

/** How far a trail has told a region's records. Times in milliseconds. */
export interface RegionDelivery {
  /** By server: records of its chain that were delivered, or happened before the logging started. */
  readonly told: Readonly<Record<string, number>>;
  readonly files: readonly DeliveredFile[];
  /** The end of the last digest's time. */
  readonly digestedTo: number;
  readonly lastDigest?: LastDigest;
  /** Of a trail that is being stopped: everything until then is delivered. */
  readonly isComplete?: boolean;
}

export interface TrailDoc {
  readonly bucket: string;
  readonly prefix?: string;
  readonly includesGlobal: boolean;
  readonly isMultiRegion: boolean;
  readonly isValidated: boolean;
  readonly selectors?: readonly EventSelector[];
  readonly advancedSelectors?: readonly AdvancedEventSelector[];
  readonly tags: Readonly<Record<string, string>>;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly deliveredAt?: number;
  readonly digestedAt?: number;
  /** Why the last delivery failed; absent where it did not. */
  readonly fault?: string;
  readonly delivery: Readonly<Record<string, RegionDelivery>>;
}

export type TrailStatus = 'STOPPED' | 'LOGGING' | 'STOPPING' | 'DELETING';
export type Trail = Resource<TrailDoc, TrailStatus>;
/** Its id is its name. */
export type TrailTable = ResourceTable<TrailDoc, TrailStatus, never, Transaction>;

export function declareTrails(records: Records): TrailTable {
  return records.resource<TrailDoc, TrailStatus>({
    kind: 'trail',
    machine: {
      STOPPED: { LOGGING: 'logging was started', DELETING: 'deleted by the user' },
      LOGGING: { STOPPING: 'logging was stopped', DELETING: 'deleted by the user' },
      STOPPING: {
        STOPPED: 'the last files and their digest were delivered',
        LOGGING: 'logging was started again',
        DELETING: 'deleted by the user',
      },
      DELETING: {},
    },
    tagged: {
      type: 'cloudtrail:trail',
      arn: ({ scope, id }) => trailArn(scope, id),
      among: amongIds(/^trail\/([^/]+)$/),
      gone: ['DELETING'],
    },
  });
}

export function trailArn({ account, region }: Scope, name: string): string {
  return `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
}

/** The trail that a request names, by name or by ARN. Throws where the ARN is another account's or region's. */
export function trailName({ account, region }: Scope, given: string): string {
  if (!given.startsWith('arn:')) return given;
  const [, home, owner, name] = /^arn:aws:cloudtrail:([^:]+):([0-9]{12}):trail\/([^/]+)$/.exec(given) ?? [];
  if (name === undefined || owner !== account) throw errors.badTrailArn({ arn: given });
  if (home !== region) throw errors.homeRegion({ name, home: home! });
  return name;
}

/** CloudTrail's naming requirements for trails. */
export function checkTrailName(name: string): void {
  const isName = /^[a-zA-Z0-9](?:[._-]?[a-zA-Z0-9])+$/.test(name) && name.length >= 3 && name.length <= 128;
  if (!isName || /^\d+\.\d+\.\d+\.\d+$/.test(name)) throw errors.badTrailName({ name });
}

/** Where everything of a trail lies below its bucket. */
export function keyStart({ prefix }: Pick<TrailDoc, 'prefix'>, account: string): string {
  return `${prefix === undefined ? '' : `${prefix}/`}AWSLogs/${account}`;
}

/** `20260131T2359Z` of a time, as names of log files have it; with seconds as those of digests do. */
export function stamp(at: number, precision: 'minutes' | 'seconds'): string {
  const text = new Date(at).toISOString().replaceAll(/[-:]/g, '');
  return precision === 'minutes' ? `${text.slice(0, 13)}Z` : `${text.slice(0, 15)}Z`;
}

/** `2026/01/31` */
export function dayPath(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** ISO 8601 with whole seconds. */
export function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
