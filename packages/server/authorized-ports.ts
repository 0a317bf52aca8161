import type { OmicsFiles } from '@helicase/storage';
import { type Actor, type Log, omicsArn, ServiceError } from '@helicase/kernel';
import type { LogWriter } from '@helicase/monitoring';
import type { Authorizer } from '@helicase/wire';
import type { CodeConnections, Connections } from '@helicase/workflows';

/** Throws AccessDeniedException where the actor may not do this, at this moment. */
async function require(
  authorizer: Authorizer,
  actor: Actor,
  action: string,
  resource: string,
): Promise<void> {
  const { principal, scope } = actor;
  const verdict = await authorizer.authorize({ principal, scope, action, resources: [resource] });
  if (!verdict.allowed) throw new ServiceError('accessDenied', 'AccessDeniedException', 403, verdict.message);
}

const URI = /^omics:\/\/(\d{12})\.storage\.([a-z0-9-]+)\.amazonaws\.com\/(\d+)\/(readSet|reference)\/(\d+)/;

/** Files of stores, asked for in the name of whoever reads them: a job's role needs omics:GetReadSet or omics:GetReference. */
export function authorizedFiles(files: OmicsFiles, authorizer: Authorizer): OmicsFiles {
  const allowed = async (actor: Actor, uri: string) => {
    const [, account, region, store, kind, id] = URI.exec(uri) ?? [];
    if (kind === undefined) return; // the room says what is wrong with it
    const parent = kind === 'readSet' ? 'sequenceStore' : 'referenceStore';
    const action = kind === 'readSet' ? 'omics:GetReadSet' : 'omics:GetReference';
    const scope = { account: account!, region: region! };
    await require(authorizer, actor, action, omicsArn(scope, `${parent}/${store}/${kind}/${id}`));
  };
  return {
    async head(actor, uri) {
      await allowed(actor, uri);
      return files.head(actor, uri);
    },
    async open(actor, uri, range) {
      await allowed(actor, uri);
      return files.open(actor, uri, range);
    },
    async materialize(actor, uri) {
      await allowed(actor, uri);
      return files.materialize(actor, uri);
    },
  };
}

/** Connections of the operator's: each is of the account in its ARN, whose principals need UseConnection on it. */
export function authorizedConnections(connections: Connections, authorizer: Authorizer): CodeConnections {
  return {
    async use(actor, arn) {
      const connection = connections[arn];
      const [, , service, , account] = arn.split(':');
      if (!connection || account !== actor.scope.account) return undefined;
      await require(authorizer, actor, `${service}:UseConnection`, arn);
      return connection;
    },
  };
}

/**
 * Lines are written in the job's role. One that may not write logs does its work without them ("The CloudWatch
 * permissions aren't required to run a workflow"); the server's own log says so, once a stream.
 */
export function authorizedLogs(writer: LogWriter, authorizer: Authorizer, log: Log): LogWriter {
  const told = new Set<string>();
  return {
    async append(actor, group, stream, events) {
      const { account, region } = actor.scope;
      const arn = `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`;
      try {
        await require(authorizer, actor, 'logs:CreateLogStream', arn);
        await require(authorizer, actor, 'logs:PutLogEvents', arn);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (!told.has(arn)) log.warn({ stream: arn, reason: error.message }, 'lines of a job are not kept');
        if (told.size < TOLD_LIMIT) told.add(arn);
        return;
      }
      await writer.append(actor, group, stream, events);
    },
    flush: () => writer.flush(),
  };
}

const TOLD_LIMIT = 10_000;
