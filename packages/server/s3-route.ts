import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Principal } from '@helicase/kernel';
import type { RoutedTask, TaskRoute } from '@helicase/runtime';
import { createGateway, type Credentials, type GatewayOptions, type RawService } from '@helicase/wire';

export interface S3RouteOptions extends Omit<GatewayOptions, 'services' | 'raw' | 'credentials'> {
  readonly s3: RawService;
  /** The same on every server of these data: what a container holds that outlived its server stays valid. */
  readonly key: Uint8Array;
}

/** As the SDKs' container credentials provider reads them. */
interface ContainerCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  readonly Expiration: string;
  readonly RoleArn: string;
}

const HOUR = 60 * 60 * 1000;
/** No bucket can have this name. */
const CREDENTIALS_PATH = '/-/credentials';

/**
 * S3 for the tasks of runs, in the name of the run's role: a gateway for each task that knows S3 alone and one session
 * alone. Its keys are good nowhere else: not at the server's own address, not for another task.
 */
export function s3Route({ key, s3, ...gateway }: S3RouteOptions): TaskRoute {
  const { clock } = gateway;
  return {
    listener(task) {
      const credentials = new TaskCredentials(task, key, () => clock.now());
      const { handle } = createGateway({ ...gateway, services: [], raw: [s3], credentials });
      return (request, response) => {
        if (request.url === CREDENTIALS_PATH) answer(response, credentials.issue());
        else void handle(request, response);
      };
    },
    environment: ({ actor: { scope } }, url) => ({
      AWS_ENDPOINT_URL_S3: url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${CREDENTIALS_PATH}`,
      AWS_REGION: scope.region,
      AWS_DEFAULT_REGION: scope.region,
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
  };
}

function answer(response: ServerResponse, credentials: ContainerCredentials): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(credentials));
}

/** Keys of one task's session, reckoned from the server's key: nothing is kept, and nothing is left of them. */
class TaskCredentials implements Credentials {
  readonly #task: RoutedTask;
  readonly #key: Uint8Array;
  readonly #now: () => number;

  constructor(task: RoutedTask, key: Uint8Array, now: () => number) {
    this.#task = task;
    this.#key = key;
    this.#now = now;
  }

  issue(): ContainerCredentials {
    const expiresAt = this.#now() + HOUR;
    return {
      AccessKeyId: this.#accessKeyId(expiresAt),
      SecretAccessKey: this.#derive('secret', expiresAt).toString('base64'),
      Token: `${expiresAt}.${this.#derive('token', expiresAt).toString('base64url')}`,
      Expiration: new Date(expiresAt).toISOString(),
      RoleArn: this.#task.actor.principal.arn,
    };
  }

  async find(accessKeyId: string, sessionToken = ''): ReturnType<Credentials['find']> {
    const [end = '', proof = ''] = sessionToken.split('.');
    const expiresAt = Number(end);
    if (!isSame(Buffer.from(proof, 'base64url'), this.#derive('token', expiresAt))) return undefined;
    if (accessKeyId !== this.#accessKeyId(expiresAt)) return undefined;
    const secretAccessKey = this.#derive('secret', expiresAt).toString('base64');
    const known = { secretAccessKey, principal: sessionOf(this.#task, expiresAt) };
    return expiresAt <= this.#now() ? { ...known, expired: true } : known;
  }

  #accessKeyId(expiresAt: number): string {
    return `ASIA${this.#derive('id', expiresAt).toString('hex').toUpperCase().slice(0, 16)}`;
  }

  #derive(use: string, expiresAt: number): Buffer {
    const { actor, attemptId, runId } = this.#task;
    const facts = JSON.stringify([use, runId, attemptId, actor.principal.arn, actor.principal.id, expiresAt]);
    return createHmac('sha256', this.#key).update(facts).digest();
  }
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The role's session, named by the attempt, as trails and policies see it. */
function sessionOf({ actor, attemptId }: RoutedTask, expiresAt: number): Principal {
  const { account, session: narrowed } = actor.principal;
  const { arn, id } = narrowed?.issuer ?? actor.principal;
  const name = `task-${attemptId}`.slice(0, 64);
  const role = arn.slice(arn.lastIndexOf('/') + 1);
  return {
    ...{
      account,
      kind: 'role',
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
      id: `${id}:${name}`,
    },
    session: {
      ...{ issuer: { arn, id }, name, issuedAt: expiresAt - HOUR, expiresAt },
      // A run whose role is narrowed by a session policy gives its tasks no more.
      ...(narrowed?.policies ? { policies: narrowed.policies } : {}),
    },
  };
}
