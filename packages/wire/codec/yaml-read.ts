import { createRequire } from 'node:module';
import { errors } from '../errors.ts';
import { parseJsonObject } from './json-read.ts';

const require = createRequire(import.meta.url);
/** Loaded when first used: hardly any request is YAML, and a server shall start quickly. */
const yaml = () => require('yaml') as typeof import('yaml');

/** YAML's media type (RFC 9512), and how it was called before. */
const MEDIA_TYPE = /^(?:application|text)\/(?:x-)?yaml\s*(?:;|$)/i;

export function isYaml(contentType: string | undefined): boolean {
  return contentType !== undefined && MEDIA_TYPE.test(contentType);
}

/** A body in YAML as the JSON object that says the same. Throws SerializationException, with line and column. */
export function parseYamlObject(body: Buffer): Record<string, unknown> {
  return parseJsonObject(Buffer.from(jsonOf(body.toString('utf8'))));
}

function jsonOf(text: string): string {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
    const [first] = document.errors;
    if (!first) return JSON.stringify(document.toJS() ?? {}, withoutInfinity);
    const { line, col } = lines.linePos(first.pos[0]);
    throw malformed(`line ${line}, column ${col}: ${first.message}`);
  } catch (error) {
    // Anchors that make a small text a large or an endless value, and what nests too deep.
    const isTooMuch = [RangeError, ReferenceError, TypeError].some((kind) => error instanceof kind);
    throw isTooMuch ? malformed((error as Error).message) : error;
  }
}

/** JSON would have null in its place, which is as if it were left out. */
function withoutInfinity(name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw malformed(`${name} is ${value}, which JSON does not have`);
}

const malformed = (fault: string): Error => errors.malformedBody({ expected: 'YAML', fault });
