import { type Incoming, parameter } from '../request/incoming.ts';
import { formatAmzTime, parseAmzTime } from './amz-time.ts';

/** What a request says of who signed it, how and when; nothing of it is proven yet. */
export type Claim = V4Claim | V2Claim;

export interface V4Claim {
  readonly version: 4;
  readonly place: 'header' | 'query';
  readonly accessKeyId: string;
  /** `20261123`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Milliseconds. */
  readonly time: number;
  /** Seconds after `time`, of presigned requests. */
  readonly expires: number | undefined;
  readonly sessionToken: string | undefined;
}

export interface V2Claim {
  readonly version: 2;
  readonly place: 'header' | 'query';
  readonly accessKeyId: string;
  readonly service: 's3';
  readonly signature: string;
  /** When it was signed (header); milliseconds. */
  readonly time: number | undefined;
  /** When it ends (query); milliseconds. */
  readonly until: number | undefined;
  readonly sessionToken: string | undefined;
}

/** A request that claims something, but not in a form that can be checked. */
export class MalformedClaim extends Error {
  readonly service: string | undefined;
  constructor(fault: string, service?: string) {
    super(fault);
    this.name = 'MalformedClaim';
    this.service = service;
  }
}

/** The claim of a request; undefined where it makes none. Throws MalformedClaim. */
export function readClaim(incoming: Incoming): Claim | undefined {
  const header = incoming.headers.get('authorization');
  if (header?.startsWith('AWS4-')) return headerClaim(incoming, header);
  if (header?.startsWith('AWS ')) return v2HeaderClaim(incoming, header);
  if (header !== undefined) throw new MalformedClaim('the authorization type is not AWS4-HMAC-SHA256');
  if (parameter(incoming, 'X-Amz-Algorithm') !== undefined) return queryClaim(incoming);
  return parameter(incoming, 'AWSAccessKeyId') === undefined ? undefined : v2QueryClaim(incoming);
}

function headerClaim(incoming: Incoming, header: string): V4Claim {
  const [algorithm, ...rest] = header.split(' ');
  const fields = new Map(
    rest
      .join('')
      .split(',')
      .map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)] as const),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value) return value;
    throw new MalformedClaim(`Authorization header requires '${name}' parameter. Authorization=${algorithm}`);
  };
  const credential = readCredential(field('Credential'));
  checkAlgorithm(algorithm, credential.service);
  return {
    ...credential,
    version: 4,
    place: 'header',
    signedHeaders: field('SignedHeaders').toLowerCase().split(';'),
    signature: field('Signature'),
    time: headerTime(incoming, credential),
    expires: undefined,
    sessionToken: incoming.headers.get('x-amz-security-token'),
  };
}

function queryClaim(incoming: Incoming): V4Claim {
  const field = (name: string): string => {
    const value = parameter(incoming, name);
    if (value) return value;
    throw new MalformedClaim(`AWS query-string parameters must include '${name}'.`);
  };
  const credential = readCredential(field('X-Amz-Credential'));
  checkAlgorithm(field('X-Amz-Algorithm'), credential.service);
  const time = parseAmzTime(field('X-Amz-Date'));
  const expires = Number(field('X-Amz-Expires'));
  if (time === undefined)
    throw new MalformedClaim('X-Amz-Date must be in the form 20261123T200000Z', credential.service);
  if (!Number.isInteger(expires) || expires < 1 || expires > 604_800)
    throw new MalformedClaim('X-Amz-Expires must be from 1 to 604800 seconds', credential.service);
  checkDate(credential, time);
  return {
    ...credential,
    version: 4,
    place: 'query',
    signedHeaders: field('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: field('X-Amz-Signature'),
    time,
    expires,
    sessionToken: parameter(incoming, 'X-Amz-Security-Token'),
  };
}

type Credential = Pick<V4Claim, 'accessKeyId' | 'date' | 'region' | 'service'>;

function readCredential(text: string): Credential {
  const [terminator, service, region, date, ...key] = text.split('/').reverse();
  if (
    terminator !== 'aws4_request' ||
    !service ||
    !region ||
    !/^\d{8}$/.test(date ?? '') ||
    key.length === 0
  ) {
    throw new MalformedClaim(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"',
    );
  }
  return { accessKeyId: key.reverse().join('/'), date: date!, region, service };
}

function checkAlgorithm(algorithm: string | undefined, service: string): void {
  if (algorithm === 'AWS4-HMAC-SHA256') return;
  throw new MalformedClaim(
    `the algorithm ${algorithm} is not supported; sign with AWS4-HMAC-SHA256`,
    service,
  );
}

function headerTime(incoming: Incoming, credential: Credential): number {
  const amz = incoming.headers.get('x-amz-date');
  const text = amz ?? incoming.headers.get('date');
  const time = text === undefined ? undefined : (parseAmzTime(text) ?? parseHttpDate(text));
  if (time === undefined) {
    throw new MalformedClaim(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
      credential.service,
    );
  }
  checkDate(credential, time);
  return time;
}

function checkDate(credential: Credential, time: number): void {
  const date = formatAmzTime(time).slice(0, 8);
  if (date === credential.date) return;
  const fault = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${credential.date}' != '${date}'.`;
  throw new MalformedClaim(fault, credential.service);
}

function parseHttpDate(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function v2HeaderClaim(incoming: Incoming, header: string): V2Claim {
  const match = /^AWS ([^:\s]+):(\S+)$/.exec(header);
  if (!match) throw new MalformedClaim('AWS authorization header must be "AWS AccessKeyId:signature"', 's3');
  const text = incoming.headers.get('x-amz-date') ?? incoming.headers.get('date');
  const time = text === undefined ? undefined : (parseAmzTime(text) ?? parseHttpDate(text));
  if (time === undefined)
    throw new MalformedClaim('AWS authentication requires a valid Date or x-amz-date header', 's3');
  return {
    version: 2,
    place: 'header',
    service: 's3',
    accessKeyId: match[1]!,
    signature: match[2]!,
    time,
    until: undefined,
    sessionToken: incoming.headers.get('x-amz-security-token'),
  };
}

function v2QueryClaim(incoming: Incoming): V2Claim {
  const expires = parameter(incoming, 'Expires') ?? '';
  const signature = parameter(incoming, 'Signature') ?? '';
  if (!/^\d{1,12}$/.test(expires) || signature === '')
    throw new MalformedClaim(
      'query-string authentication requires Signature, Expires and AWSAccessKeyId',
      's3',
    );
  return {
    version: 2,
    place: 'query',
    service: 's3',
    accessKeyId: parameter(incoming, 'AWSAccessKeyId')!,
    signature,
    time: undefined,
    until: Number(expires) * 1000,
    sessionToken: parameter(incoming, 'x-amz-security-token'),
  };
}
