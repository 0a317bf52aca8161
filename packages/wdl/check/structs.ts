import type { ImportNode, StructNode } from '../syntax/document-node.ts';
import { type LoadedDocument, missingNamespaces } from './loader.ts';
import type { Report } from './report.ts';
import { resolveType } from './type-resolver.ts';
import { sameType, type StructType, type Type } from './type.ts';

/**
 * The struct types of a document: its own, and those of its imports, which join its namespace under their own names
 * or an alias.
 */
export function resolveStructs(
  document: LoadedDocument,
  importedStructs: (imported: LoadedDocument) => ReadonlyMap<string, StructType>,
  report: Report,
): Map<string, StructType> {
  const structs = new Map<string, StructType>();
  for (const [entry, imported] of document.imports) join(structs, entry, importedStructs(imported), report);
  new OwnStructs(document, structs, report).resolve();
  return structs;
}

function join(
  structs: Map<string, StructType>,
  entry: ImportNode,
  imported: ReadonlyMap<string, StructType>,
  report: Report,
): void {
  const aliases = new Map(entry.aliases.map(({ from, to }) => [from, to]));
  for (const { from, position } of entry.aliases) {
    if (!imported.has(from)) report.add('AliasUnknown', position, { name: from });
  }
  for (const [original, struct] of imported) {
    const name = aliases.get(original) ?? original;
    const known = structs.get(name);
    if (known && !sameType(known, struct)) report.add('StructConflict', entry.position, { name });
    else structs.set(name, { ...struct, name });
  }
}

/** Structs of a document may use one another in any order, but not contain themselves. */
class OwnStructs {
  readonly #nodes = new Map<string, StructNode>();
  readonly #open = new Set<string>();
  readonly #done = new Set<string>();
  readonly #document: LoadedDocument;
  readonly #structs: Map<string, StructType>;
  readonly #report: Report;

  constructor(document: LoadedDocument, structs: Map<string, StructType>, report: Report) {
    this.#document = document;
    this.#structs = structs;
    this.#report = report;
  }

  resolve(): void {
    for (const node of this.#document.node.structs) {
      const known = this.#nodes.get(node.name);
      if (known) {
        const where = `${known.position.file}:${known.position.line}`;
        this.#report.add('DuplicateName', node.position, { name: node.name, where });
      } else this.#nodes.set(node.name, node);
    }
    for (const node of this.#nodes.values()) this.#struct(node);
  }

  #struct(node: StructNode): StructType | undefined {
    const { name } = node;
    if (this.#done.has(name)) return this.#structs.get(name);
    if (this.#open.has(name)) {
      this.#report.add('StructCycle', node.position, { name });
      return undefined;
    }
    this.#open.add(name);
    const struct: StructType = { kind: 'Struct', name, members: this.#members(node), optional: false };
    this.#open.delete(name);
    this.#done.add(name);
    const known = this.#structs.get(name);
    if (known && !sameType(known, struct)) this.#report.add('StructConflict', node.position, { name });
    this.#structs.set(name, struct);
    return struct;
  }

  #members(node: StructNode): Map<string, Type> {
    const context = {
      version: this.#document.node.version,
      report: this.#report,
      incomplete: missingNamespaces(this.#document).size > 0,
      struct: (name: string) => this.#named(name),
    };
    return new Map(node.members.map((member) => [member.name, resolveType(member.type, context)]));
  }

  #named(name: string): StructType | undefined {
    const node = this.#nodes.get(name);
    return node ? this.#struct(node) : this.#structs.get(name);
  }
}
