import { isRecord } from '@helicase/kernel';

/** How a Git server is reached: what CodeConnections holds for the service, the operator's configuration holds here. */
export interface Connection {
  /** What comes before `owner/name`: `https://git.lab`, or `file:///srv/git` of this machine. */
  readonly endpoint: string;
  /** As GetWorkflow tells it: `GitHub`, `GitLabSelfManaged`. */
  readonly provider: string;
  readonly username?: string;
  /** A password or an access token. */
  readonly password?: string;
}

/** By ARN: `arn:aws:codeconnections:us-east-1:123456789012:connection/lab`. The account in it is whose it is. */
export type Connections = Readonly<Record<string, Connection>>;

const ARN = /^arn:aws:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection\/[\w-]+$/;
const PROTOCOLS = ['https:', 'http:', 'file:'];
const MEMBERS = ['endpoint', 'provider', 'username', 'password'];

/** What is wrong with an operator's connections; undefined where nothing is. */
export function connectionsFault(value: unknown): string | undefined {
  if (!isRecord(value)) return 'connections must be an object of connections by ARN';
  for (const [arn, connection] of Object.entries(value)) {
    const fault = ARN.test(arn)
      ? connectionFault(connection)
      : 'the name must be an ARN: arn:aws:codeconnections:REGION:ACCOUNT:connection/NAME';
    if (fault !== undefined) return `connections: ${arn}: ${fault}`;
  }
  return undefined;
}

function connectionFault(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it must be an object with endpoint and provider';
  const wrong = Object.keys(value).find((name) => !MEMBERS.includes(name) || typeof value[name] !== 'string');
  if (wrong !== undefined) return `"${wrong}" must be one of ${MEMBERS.join(', ')}, and a text`;
  const { endpoint, password, provider, username } = value as Partial<Connection>;
  if (provider === undefined) return 'provider is missing: GitHub, GitLabSelfManaged, or another name';
  const url = endpoint === undefined ? undefined : URL.parse(endpoint);
  if (!url || !PROTOCOLS.includes(url.protocol)) return 'endpoint must be an https:, http: or file: URL';
  if (url.username !== '' || url.password !== '')
    return 'username and password go beside the endpoint, not into it';
  return (username === undefined) === (password === undefined)
    ? undefined
    : 'username and password belong together';
}
