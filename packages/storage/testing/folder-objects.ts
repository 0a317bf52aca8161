import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ObjectFacts, type Objects, parseS3Uri } from '@helicase/blobs';
import { lend, ServiceError } from '@helicase/kernel';

/** The Objects port over a folder, for tests of this room alone: `<folder>/<bucket>/<key>`. */
export function folderObjects(folder: string): Objects & { pathOf(uri: string): string } {
  const pathOf = (uri: string): string => {
    const parts = parseS3Uri(uri);
    if (!parts) throw new ServiceError('badUri', 'ValidationException', 400, `${uri} is not an S3 URI`);
    return join(folder, parts.bucket, parts.key);
  };
  const head = async (uri: string): Promise<ObjectFacts> => {
    try {
      const facts = await stat(pathOf(uri), { bigint: true });
      const etag = `${facts.size}-${facts.mtimeNs}`;
      return { uri, size: Number(facts.size), etag, modifiedAt: Number(facts.mtimeMs) };
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError('noSuchKey', 'NoSuchKey', 404, `There is no object ${uri}.`);
    }
  };
  const put = async (uri: string, body: Readable | Uint8Array): Promise<ObjectFacts> => {
    const path = pathOf(uri);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(body instanceof Readable ? body : Readable.from([body]), createWriteStream(path));
    return head(uri);
  };
  return {
    pathOf,
    ownerOf: ({ scope }) => Promise.resolve(scope.account),
    head: (_actor, uri) => head(uri),
    open: async (_actor, uri, range) => ({
      ...(await head(uri)),
      body: Readable.from(lent(createReadStream(pathOf(uri), { ...range, highWaterMark: 1 << 18 }))),
    }),
    put: (_actor, uri, body) => put(uri, body),
    putFile: async (_actor, uri, path) => {
      await mkdir(dirname(pathOf(uri)), { recursive: true });
      await copyFile(path, pathOf(uri));
      return head(uri);
    },
    list: async function* (_actor, prefix) {
      const { bucket = '', key = '' } = parseS3Uri(prefix) ?? {};
      const names = await readdir(join(folder, bucket), { recursive: true });
      for (const name of names.filter((one) => one.startsWith(key)).sort())
        yield head(`s3://${bucket}/${name}`);
    },
    remove: (_actor, uri) => rm(pathOf(uri), { force: true }),
    materialize: async (_actor, uri) => ({
      ...(await head(uri)),
      path: pathOf(uri),
      release: async () => {},
    }),
  };
}

/** As the embedded buckets' bytes are: the reader's, who may give them back. */
async function* lent(file: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of file as AsyncIterable<Buffer>) yield lend(chunk);
}
