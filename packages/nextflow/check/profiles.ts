import { posix } from 'node:path';
import { parseConfig } from '../syntax/config-parser.ts';
import type { CallNode, Expression } from '../syntax/expression-node.ts';
import { Source } from '../syntax/source.ts';
import type { Block } from '../syntax/statement-node.ts';

/** A profile of the configuration, as a parameter template of its own needs it. */
export interface ConfigProfile {
  readonly name: string;
  /** Parameters that it sets: whoever chooses it may leave them out. */
  readonly sets: readonly string[];
}

/** The profiles of a configuration and of what it includes by a plain path. It is read, not evaluated. */
export function configProfiles(files: ReadonlyMap<string, string>, path: string): readonly ConfigProfile[] {
  const found = new Map<string, Set<string>>();
  const config = new ConfigReader(files);
  for (const { block, folder } of config.scopes(config.file(path), 'profiles'))
    for (const { name, closure } of openings(block)) {
      const sets = found.get(name) ?? new Set();
      for (const parameter of config.parameters({ block: closure, folder })) sets.add(parameter);
      found.set(name, sets);
    }
  return Array.from(found, ([name, sets]) => ({ name, sets: [...sets] }));
}

interface Part {
  readonly block: Block;
  /** Of the file that it stands in: what it includes lies relative to that. */
  readonly folder: string;
}

class ConfigReader {
  readonly #files: ReadonlyMap<string, string>;
  readonly #open = new Set<string>();

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  file(path: string): readonly Part[] {
    const text = this.#files.get(path);
    if (text === undefined || this.#open.has(path)) return [];
    this.#open.add(path);
    const folder = posix.dirname(path);
    const parts = this.#withIncluded({ block: parseConfig(new Source(path, text)), folder });
    this.#open.delete(path);
    return parts;
  }

  /** The blocks of a scope, in these parts. */
  scopes(parts: readonly Part[], scope: string): readonly Part[] {
    return parts.flatMap(({ block, folder }) =>
      openings(block)
        .filter(({ name }) => name === scope)
        .map(({ closure }) => ({ block: closure, folder })),
    );
  }

  /** Names that `params { name = ... }` and `params.name = ...` set. */
  parameters(part: Part): readonly string[] {
    const parts = this.#withIncluded(part);
    const dotted = parts.flatMap(({ block }) => targets(block).map(parameterOf));
    const blocks = this.scopes(parts, 'params').flatMap(({ block }) => targets(block).map(nameOf));
    return [...dotted, ...blocks].filter((name) => name !== undefined);
  }

  #withIncluded(part: Part): readonly Part[] {
    const paths = calls(part.block).flatMap(({ callee, arguments: { positional } }) => {
      const [path] = positional;
      const included = nameOf(callee) === 'includeConfig' && path?.kind === 'literal';
      return included && typeof path.value === 'string' ? [path.value] : [];
    });
    return [part, ...paths.flatMap((path) => this.file(posix.join(part.folder, path)))];
  }
}

function expressions({ statements }: Block): readonly Expression[] {
  return statements.flatMap((statement) => (statement.kind === 'expression' ? [statement.expression] : []));
}

function calls(block: Block): readonly CallNode[] {
  return expressions(block).filter((expression) => expression.kind === 'call');
}

/** `name { ... }` */
function openings(block: Block): readonly { readonly name: string; readonly closure: Block }[] {
  return calls(block).flatMap(({ callee, arguments: { positional } }) => {
    const name = nameOf(callee);
    const [closure] = positional;
    return name !== undefined && closure?.kind === 'closure' ? [{ name, closure: closure.body }] : [];
  });
}

function targets(block: Block): readonly Expression[] {
  return expressions(block).flatMap((expression) =>
    expression.kind === 'assign' ? [expression.target] : [],
  );
}

function nameOf(node: Expression): string | undefined {
  return node.kind === 'name' ? node.name : undefined;
}

function parameterOf(node: Expression): string | undefined {
  if (node.kind !== 'property' || nameOf(node.object) !== 'params') return undefined;
  return typeof node.name === 'string' ? node.name : undefined;
}
