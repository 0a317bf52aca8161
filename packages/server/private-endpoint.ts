import { policyFault } from '@helicase/access';

/** A further listener: the counterpart of an interface endpoint of PrivateLink, with its policy. */
export interface PrivateEndpoint {
  /** `aws:SourceVpce`. */
  readonly id: string;
  readonly listen:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'socket'; readonly path: string };
  /** One of SERVICES; absent: all that the server speaks. */
  readonly service?: string;
  /** JSON; absent: "full access". */
  readonly policy?: string;
}

/** The guide's five service names, and S3, by which read sets are read. */
export const SERVICES = [
  'storage-omics',
  'control-storage-omics',
  'analytics-omics',
  'workflows-omics',
  'tags-omics',
  's3',
] as const;

type Given = Readonly<Record<string, unknown>>;

/** What the configuration says of private endpoints. Throws with the first fault of each. */
export function privateEndpoints(value: unknown): readonly PrivateEndpoint[] {
  if (!Array.isArray(value)) throw new Error('endpoints must be a list of objects');
  const found = value.map((given: unknown, index) => privateEndpoint(given as Given, `endpoints[${index}]`));
  const ids = found.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`endpoints: two have the id ${twice}`);
  return found;
}

function privateEndpoint(given: Given, where: string): PrivateEndpoint {
  const { id, listen, policy, service, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new Error(`${where}: "${unknown}" is not known; id, listen, service and policy are`);
  if (typeof id !== 'string' || !/^vpce-[\w-]+$/.test(id))
    throw new Error(`${where}.id must have the form of vpce-1a2b3c4d`);
  return {
    id,
    listen: listenOf(listen, where),
    ...(service === undefined ? {} : { service: serviceOf(service, where) }),
    ...(policy === undefined ? {} : { policy: policyOf(policy, where) }),
  };
}

/** `/run/helicase/lab.sock`, `10.0.0.5:4601` or `[::1]:4601`. */
function listenOf(value: unknown, where: string): PrivateEndpoint['listen'] {
  const text = typeof value === 'string' ? value : '';
  if (text.startsWith('/')) return { kind: 'socket', path: text };
  const [, host, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)?.filter(Boolean) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { kind: 'tcp', host, port: Number(port) };
  throw new Error(`${where}.listen must be HOST:PORT or the absolute path of a socket`);
}

/** `storage-omics`, or as the guide writes it, `com.amazonaws.us-east-1.storage-omics`. */
function serviceOf(value: unknown, where: string): string {
  const short = String(value).replace(/^com\.amazonaws\.[a-z0-9-]+\./, '');
  if (SERVICES.some((known) => known === short)) return short;
  throw new Error(`${where}.service must be one of ${SERVICES.join(', ')}`);
}

function policyOf(value: unknown, where: string): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const fault = policyFault(text, 'endpoint');
  if (fault !== undefined) throw new Error(`${where}.policy: ${fault}`);
  return text;
}
