import { decodePercent } from '../request/incoming.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import type { Match } from './protocol.ts';

interface Route {
  readonly operation: RegisteredOperation;
  readonly segments: readonly Segment[];
}
type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };

/** Operations by method and path, compiled once. Literal segments win over labels. */
export class RouteTable {
  readonly #routes = new Map<string, Route[]>();

  constructor(operations: Iterable<RegisteredOperation>) {
    for (const operation of operations) {
      const { http } = operation.schema;
      if (!http) throw new Error(`${operation.schema.name} has no method and URI`);
      const route = { operation, segments: segmentsOf(http.uri) };
      const routes = this.#routes.get(http.method);
      if (routes) routes.push(route);
      else this.#routes.set(http.method, [route]);
    }
    for (const routes of this.#routes.values()) routes.sort((a, b) => labels(a) - labels(b));
  }

  find(method: string, path: string): Match | undefined {
    const given = split(path);
    for (const { operation, segments } of this.#routes.get(method) ?? []) {
      const found = matchSegments(segments, given);
      if (found) return { operation, labels: decodeLabels(found) };
    }
    return undefined;
  }
}

function split(path: string): readonly string[] {
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1);
  return trimmed === '' ? [] : trimmed.split('/');
}

function segmentsOf(uri: string): readonly Segment[] {
  return split(uri.split('?', 1)[0]!).map((segment) => {
    const match = /^\{(.+?)(\+?)\}$/.exec(segment);
    return match ? { label: match[1]!, greedy: match[2] === '+' } : { literal: segment };
  });
}

function labels(route: Route): number {
  return route.segments.filter((segment) => 'label' in segment).length;
}

function matchSegments(
  segments: readonly Segment[],
  given: readonly string[],
): readonly (readonly [string, string])[] | undefined {
  const found: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const text = given[index];
    if (text === undefined || text === '') return undefined;
    if ('literal' in segment) {
      if (segment.literal !== text) return undefined;
    } else if (segment.greedy) {
      const rest = given.length - segments.length + 1;
      found.push([segment.label, given.slice(index, index + rest).join('/')]);
      return found;
    } else found.push([segment.label, text]);
  }
  return given.length === segments.length ? found : undefined;
}

function decodeLabels(found: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(found.map(([label, text]) => [label, decodePercent(text, `path at {${label}}`)]));
}
