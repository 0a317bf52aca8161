import type { Readable } from 'node:stream';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { errors } from '../errors.ts';

/** A parsed element: text, or elements by name. */
export type Parsed = string | { readonly [name: string]: Parsed | readonly Parsed[] };

/** A completion of 10,000 parts with checksums has about 2 MB. */
const LIMIT = 4 * 1024 * 1024;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  removeNSPrefix: true,
  trimValues: false,
});

/** The whole body, verified by having been read to its end; EntityTooLarge over 4 MiB. */
export async function readSmallBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw errors.entityTooLarge({ what: 'request document', limit: LIMIT });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The content of the document's root element, which must be `root`. */
export function parseRequest(bytes: Buffer, root: string, operation: string): Parsed {
  const text = bytes.toString('utf8');
  const malformed = (reason: string) => errors.malformedXml({ operation, reason });
  // Entities of a document's own are a way to blow it up; no client sends them.
  if (/<!DOCTYPE/i.test(text)) throw malformed('it has a DOCTYPE');
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw malformed(verdict.err.msg);
  const parsed = parser.parse(text) as Record<string, Parsed>;
  const content = parsed[root];
  if (content === undefined) throw malformed(`its root is not ${root}`);
  return content;
}

/** The elements of this name, none, one or many. */
export function children(of: Parsed, name: string): readonly Parsed[] {
  if (typeof of === 'string') return [];
  const found = of[name];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found as Parsed];
}

/** The text of the one element of this name, or undefined. */
export function childText(of: Parsed, name: string): string | undefined {
  const [first] = children(of, name);
  return typeof first === 'string' ? first : undefined;
}
