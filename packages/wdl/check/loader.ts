import { posix } from 'node:path';
import { DiagnosticError } from '../diagnostics/diagnostic.ts';
import type { DocumentNode, ImportNode } from '../syntax/document-node.ts';
import { parseDocument } from '../syntax/document-parser.ts';
import type { Report } from './report.ts';

/** The text of a file of the definition by its path inside it, or undefined where there is none. */
export type DefinitionReader = (path: string) => Promise<string | undefined>;

/** A parsed document with what it imports. Imports that could not be loaded are absent. */
export interface LoadedDocument {
  readonly node: DocumentNode;
  readonly imports: ReadonlyMap<ImportNode, LoadedDocument>;
}

/** The namespaces of imports that could not be loaded: what they would have brought is unknown, not wrong. */
export function missingNamespaces({ node, imports }: LoadedDocument): ReadonlySet<string> {
  return new Set(node.imports.filter((entry) => !imports.has(entry)).map(({ namespace }) => namespace));
}

/** Loads a document and, once each, all that it imports. */
export class Loader {
  readonly #read: DefinitionReader;
  readonly #report: Report;
  readonly #loaded = new Map<string, Promise<LoadedDocument | undefined>>();
  readonly texts = new Map<string, string>();

  constructor(read: DefinitionReader, report: Report) {
    this.#read = read;
    this.#report = report;
  }

  async main(path: string): Promise<LoadedDocument | undefined> {
    const file = posix.normalize(path).replace(/^\/+/, '');
    const document = await this.#load(file, []);
    if (!document && !this.texts.has(file)) {
      this.#report.add('FileNotFound', { file, line: 1, column: 1, endLine: 1, endColumn: 1 }, { file });
    }
    return document;
  }

  #load(file: string, chain: readonly string[]): Promise<LoadedDocument | undefined> {
    const known = this.#loaded.get(file);
    if (known) return known;
    const loading = this.#parse(file, chain);
    this.#loaded.set(file, loading);
    return loading;
  }

  async #parse(file: string, chain: readonly string[]): Promise<LoadedDocument | undefined> {
    const text = await this.#read(file);
    if (text === undefined) return undefined;
    this.texts.set(file, text);
    try {
      const node = parseDocument(file, text);
      return { node, imports: await this.#imports(node, [...chain, file]) };
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.#report.keep(error.diagnostic);
      return undefined;
    }
  }

  /** One after another, so that a cycle is met in its chain and not by two loads that wait for each other. */
  async #imports(node: DocumentNode, chain: readonly string[]): Promise<Map<ImportNode, LoadedDocument>> {
    const imports = new Map<ImportNode, LoadedDocument>();
    for (const entry of node.imports) {
      const document = await this.#import(node, entry, chain);
      if (document) imports.set(entry, document);
    }
    return imports;
  }

  async #import(
    node: DocumentNode,
    entry: ImportNode,
    chain: readonly string[],
  ): Promise<LoadedDocument | undefined> {
    const { uri, position } = entry;
    const path = posix.normalize(
      uri.startsWith('/') ? uri.slice(1) : posix.join(posix.dirname(node.file), uri),
    );
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri) || path.startsWith('../')) {
      this.#report.add('ImportRemote', position, { uri });
      return undefined;
    }
    if (chain.includes(path)) {
      this.#report.add('ImportCycle', position, { uri });
      return undefined;
    }
    const document = await this.#load(path, chain);
    if (document) return document;
    this.#report.add(this.texts.has(path) ? 'ImportFaulty' : 'ImportNotFound', position, { uri });
    return undefined;
  }
}
