import { upstreamName } from '../upstream.ts';
import { passOn } from './pass-on.ts';
import type { Visit } from './visit.ts';

/** What a client tells of a blob's bytes. */
const ASKED = ['content-type', 'content-length', 'content-range', 'range', 'accept'];

/** Layers and configurations, and their uploads: passed through, the repository's name exchanged. */
export async function answerBlob(visit: Visit): Promise<void> {
  const { repository, request, response, route, search, signal, upstream } = visit;
  const theirs = upstreamName(repository.scope, repository.doc.name);
  const rest = route.kind === 'upload' ? `uploads/${route.reference}` : route.reference;
  const headers = Object.fromEntries(
    ASKED.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const answer = await upstream.ask({
    ...{ method: request.method!, path: `${theirs}/blobs/${rest}${queryOf(visit, search)}`, headers, signal },
    ...(hasBody(request.method!) ? { body: request } : {}),
  });
  await passOn(answer, response, locationOf(answer, theirs, repository.doc.name));
}

/**
 * A blob of another repository is not mounted: what may be read there would have to be asked first, and a registry may
 * always answer by beginning an upload.
 */
function queryOf({ request }: Visit, search: string): string {
  const query = new URLSearchParams(search);
  if (request.method !== 'POST') return search;
  for (const name of ['mount', 'from']) query.delete(name);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PATCH' || method === 'PUT';
}

/** Where an upload goes on: at this server, under the client's name for the repository. */
function locationOf(answer: Response, theirs: string, name: string): string | undefined {
  const given = answer.headers.get('location');
  if (given === null) return undefined;
  const { pathname, search } = new URL(given, answer.url);
  const prefix = `/v2/${theirs}/`;
  return pathname.startsWith(prefix) ? `/v2/${name}/${pathname.slice(prefix.length)}${search}` : undefined;
}
