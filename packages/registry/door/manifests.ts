import type { IncomingMessage } from 'node:http';
import { isDigest } from '../image/images.ts';
import { type ManifestFacts, manifestFacts } from '../image/manifest.ts';
import type { Image } from '../image/model.ts';
import { upstreamName } from '../upstream.ts';
import { Refusal } from './refusal.ts';
import { passOn } from './pass-on.ts';
import type { Visit } from './visit.ts';

/** "A registry SHOULD enforce a limit of at least 4 megabytes." */
const LARGEST = 4 * 1024 * 1024;

export async function answerManifest(visit: Visit): Promise<void> {
  const { method } = visit.request;
  if (method === 'PUT') return put(visit);
  if (method === 'DELETE') return remove(visit);
  const { response, upstream, repository, signal } = visit;
  const { digest, mediaType } = (await found(visit)).doc;
  const path = `${upstreamName(repository.scope, repository.doc.name)}/manifests/${digest}`;
  // It is asked for as what it is: a tag has one manifest, whatever the client would rather have.
  await passOn(
    await upstream.ask({ method: method!, path, headers: { accept: mediaType }, signal }),
    response,
  );
}

/** Kept at the registry behind under a tag of its digest, so that cleaning up what is untagged there leaves it. */
async function put({
  images,
  records,
  repository,
  request,
  response,
  route,
  upstream,
}: Visit): Promise<void> {
  const { doc, scope } = repository;
  const body = await bodyOf(request);
  const facts = manifestFacts(body, request.headers['content-type']);
  if (!facts)
    throw new Refusal(400, 'MANIFEST_INVALID', 'This is no manifest of the OCI image specification.');
  const tag = tagOf(route.reference, facts);
  if (tag !== undefined) await images.checkTag(records.direct, repository, tag, facts.digest);
  const name = facts.digest.replace(':', '-');
  const answer = await upstream.ask({
    ...{ method: 'PUT', path: `${upstreamName(scope, doc.name)}/manifests/${name}`, body },
    headers: { 'content-type': facts.mediaType },
  });
  if (!answer.ok) return passOn(answer, response);
  await answer.body?.cancel();
  await images.pushed(repository, facts, tag);
  response.writeHead(201, {
    location: `/v2/${doc.name}/manifests/${facts.digest}`,
    'docker-content-digest': facts.digest,
    'content-length': 0,
  });
  response.end();
}

async function remove(visit: Visit): Promise<void> {
  const { images, repository, response, route, upstream } = visit;
  const { digest } = (await found(visit)).doc;
  if (isDigest(route.reference)) {
    await images.remove(repository, digest);
    await upstream.forget(repository.scope, repository.doc.name, digest);
  } else await images.untag(repository, route.reference);
  response.writeHead(202, { 'content-length': 0 }).end();
}

export async function answerTags({ images, repository, response, search }: Visit): Promise<void> {
  const { name } = repository.doc;
  const query = new URLSearchParams(search);
  const limit = Number(query.get('n') ?? Infinity);
  const all = [...(await images.tagsByDigest(repository)).values()].flat().toSorted();
  const rest = all.filter((tag) => tag > (query.get('last') ?? ''));
  const tags = rest.slice(0, limit);
  if (tags.length < rest.length && tags.length > 0)
    response.setHeader('link', `</v2/${name}/tags/list?n=${limit}&last=${tags.at(-1)}>; rel="next"`);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name, tags }));
}

async function found({ images, repository, route }: Visit): Promise<Image> {
  const image = await images.find(repository, route.reference);
  if (image) return image;
  const { name } = repository.doc;
  throw new Refusal(404, 'MANIFEST_UNKNOWN', `There is no image ${route.reference} in ${name}.`);
}

/** Undefined where it is pushed by digest alone, which must be its own. */
function tagOf(reference: string, { digest }: ManifestFacts): string | undefined {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(reference)) return reference;
  if (reference === digest) return undefined;
  throw new Refusal(
    400,
    'DIGEST_INVALID',
    `${reference} is no tag, and the digest of what was sent is ${digest}.`,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LARGEST)
      throw new Refusal(413, 'MANIFEST_INVALID', `A manifest has at most ${LARGEST} bytes.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
