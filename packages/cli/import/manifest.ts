import type { StartReadSetImportJobSourceItem } from '@aws-sdk/client-omics';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../usage-error.ts';
import { manifestFaults, type Path } from './manifest-faults.ts';

/** An import manifest as the guide has it ("Sequence store imports"), and where each part of it is written. */
export interface Manifest {
  readonly sequenceStoreId?: string;
  readonly roleArn?: string;
  readonly sources: readonly StartReadSetImportJobSourceItem[];
  /** `import.yaml:12:5` */
  placeOf(path: Path): string;
  /** What the server says of a source (`sources[2].name`, `sources.3.member.name`), with its place before it. */
  placed(message: string): string;
}

/**
 * Reads JSON or YAML: an object with `sources`, as StartReadSetImportJob takes it, or the list of sources alone, as
 * the console takes it. Throws UsageError with every fault, each with its line and column.
 */
export function readManifest(file: string, text: string): Manifest {
  const lines = new LineCounter();
  // JSON is YAML but for tabs, which JSON has anywhere.
  const source = /^\s*[{[]/.test(text) ? text.replaceAll('\t', ' ') : text;
  const document = parseDocument(source, { lineCounter: lines, merge: true, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0)
    throw new UsageError(document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message}`).join('\n'));
  const content = plain(document, at);
  const isList = Array.isArray(content);
  const inDocument = (path: Path) => (isList && path[0] === 'sources' ? path.slice(1) : path);
  const placeOf = (path: Path) => at(offsetOf(document, inDocument(path)));
  const manifest: unknown = isList ? { sources: content } : content;
  const faults = manifestFaults(manifest);
  if (faults.length > 0)
    throw new UsageError(faults.map(({ path, says }) => `${placeOf(path)}: ${says}`).join('\n'));
  const checked = manifest as Pick<Manifest, 'sequenceStoreId' | 'roleArn' | 'sources'>;
  return { ...checked, placeOf, placed: (message) => placed(message, placeOf) };
}

/** Anchors can make a small text a large value; the parser refuses that here. */
function plain(document: Document, at: (offset: number) => string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new UsageError(`${at(0)}: ${(error as Error).message}`, { cause: error });
  }
}

/** Of the nearest thing that is written: what is missing is told where it should be. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function placed(message: string, placeOf: (path: Path) => string): string {
  const named = /sources\[(\d+)\]((?:\.\w+)*)/.exec(message);
  const counted = /sources\.(\d+)\.member((?:\.\w+)*)/.exec(message);
  const [, number, rest] = named ?? counted ?? [];
  if (number === undefined) return message;
  const index = named ? Number(number) : Number(number) - 1;
  const members = rest!.split('.').filter(Boolean);
  return `${placeOf(['sources', index, ...members])}: ${message}`;
}
