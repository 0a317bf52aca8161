import { isObject, listOf, type Value, type ValueObject } from '../value.ts';

/** Which format is a kind of which, as the ontologies of `$schemas` tell. */
export class Formats {
  readonly #parents = new Map<string, Set<string>>();

  /** Adds an ontology in RDF/XML or, as far as subclasses go, in Turtle. */
  async add(text: string): Promise<void> {
    if (/^\s*</.test(text)) await this.#addXml(text);
    else this.#addTurtle(text);
  }

  isKindOf(format: string, wanted: string): boolean {
    const seen = new Set<string>();
    const waiting = [format];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next === wanted) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(...(this.#parents.get(next) ?? []));
    }
    return false;
  }

  #relate(child: string, parent: string): void {
    const parents = this.#parents.get(child) ?? new Set();
    this.#parents.set(child, parents.add(parent));
  }

  async #addXml(text: string): Promise<void> {
    const { XMLParser } = await import('fast-xml-parser'); // few workflows have an ontology
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      processEntities: false,
    });
    const tree = parser.parse(text) as Value;
    const root = isObject(tree) ? tree['rdf:RDF'] : undefined;
    for (const one of isObject(root) ? listOf(root['owl:Class']) : []) {
      if (!isObject(one) || typeof one['@rdf:about'] !== 'string') continue;
      for (const parent of resources(one['rdfs:subClassOf'])) this.#relate(one['@rdf:about'], parent);
      for (const same of resources(one['owl:equivalentClass'])) this.#same(one['@rdf:about'], same);
    }
  }

  #same(one: string, other: string): void {
    this.#relate(one, other);
    this.#relate(other, one);
  }

  /** Statements `subject rdfs:subClassOf object`, with prefixes; nothing else of Turtle matters here. */
  #addTurtle(text: string): void {
    const prefixes = new Map(
      [...text.matchAll(/@prefix\s+([\w-]*):\s*<([^>]*)>/g)].map(([, name, uri]) => [name!, uri!]),
    );
    const term = String.raw`(<[^>]*>|[\w-]*:[\w-]+)`;
    const statement = new RegExp(`${term}\\s+(rdfs:subClassOf|owl:equivalentClass)\\s+${term}`, 'g');
    for (const [, subject, relation, object] of text.matchAll(statement)) {
      const [from, to] = [expand(subject!, prefixes), expand(object!, prefixes)];
      if (relation === 'rdfs:subClassOf') this.#relate(from, to);
      else this.#same(from, to);
    }
  }
}

function resources(value: Value | undefined): string[] {
  return listOf(value).flatMap((one) => {
    const resource = isObject(one) ? one['@rdf:resource'] : undefined;
    return typeof resource === 'string' ? [resource] : [];
  });
}

function expand(term: string, prefixes: ReadonlyMap<string, string>): string {
  if (term.startsWith('<')) return term.slice(1, -1);
  const colon = term.indexOf(':');
  return (prefixes.get(term.slice(0, colon)) ?? `${term.slice(0, colon)}:`) + term.slice(colon + 1);
}

/** `edam:format_1929` to its full form by the document's `$namespaces`. */
export function fullFormat(format: string, namespaces: ValueObject): string {
  const colon = format.indexOf(':');
  const base = colon > 0 ? namespaces[format.slice(0, colon)] : undefined;
  return typeof base === 'string' ? base + format.slice(colon + 1) : format;
}
