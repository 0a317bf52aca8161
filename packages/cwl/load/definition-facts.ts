import { DocumentError, type Position } from '../faults.ts';
import { isObject, listOf, type ValueObject } from '../value.ts';
import { besides, findById, fragmentOf } from './documents.ts';
import { place } from './fields.ts';
import type { CwlVersion } from './model.ts';
import { versionOf } from './versions.ts';

/** What a document says for all processes in it. */
export interface DefinitionFacts {
  readonly cwlVersion: CwlVersion | undefined;
  readonly namespaces: ValueObject;
  readonly schemas: readonly string[];
}

export function definitionFacts(document: ValueObject, file: string): DefinitionFacts {
  const at = { file, line: 1, column: 1 };
  const cwlVersion = versionOf(document, place(document, 'cwlVersion', at));
  const namespaces = isObject(document['$namespaces']) ? document['$namespaces'] : {};
  const schemas = listOf(document['$schemas'])
    .filter((one): one is string => typeof one === 'string' && !/^https?:/.test(one))
    .map((one) => besides(file, one, at).path);
  return { cwlVersion, namespaces, schemas };
}

/** The process that is meant: the document itself, the one called `fragment`, or `main` of a `$graph`. */
export function chooseProcess(
  document: ValueObject,
  fragment: string | undefined,
  from: Position,
): ValueObject {
  const graph = document['$graph'];
  if (graph === undefined && (fragment === undefined || fragmentOf(String(document['id'])) === fragment))
    return document;
  const wanted = fragment ?? 'main';
  const found = findById(graph ?? document, wanted);
  if (found) return found;
  throw new DocumentError(from, `The document has no process called ${wanted}. Name one: file.cwl#name.`);
}
