/**
 * The examples of a WDL specification as test cases, by the rules of openwdl/wdl-tests' docs/MarkdownTests.md: each
 * `<details>` block has a name, a document, and perhaps inputs, outputs and a configuration as JSON.
 */

/** How one example is run and what it should come to. */
export interface Example {
  /** The file's name, such as `sum_task.wdl`. */
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly kind: 'workflow' | 'task' | 'resource';
  readonly fails: boolean;
  readonly ignored: boolean;
  /** Exit codes that a failing task may have; undefined for any. */
  readonly returnCodes: readonly number[] | undefined;
  readonly excludedOutputs: readonly string[];
  readonly dependencies: readonly string[];
  readonly inputs: Json;
  readonly outputs: Json;
}

/** Of an object, or why it is none. */
export type Json = { readonly value: Readonly<Record<string, unknown>> } | { readonly fault: string };

export function examplesOf(specification: string): Example[] {
  const blocks = specification.match(/^<details>[^]*?^<\/details>/gm) ?? [];
  return blocks.map(exampleOf).filter((example) => example !== undefined);
}

function exampleOf(block: string): Example | undefined {
  const name = /Example:\s*(\S+\.wdl)/.exec(block)?.[1];
  const source = fenced(block, 'wdl', 0);
  if (name === undefined || source === undefined) return undefined;
  const configuration = section(block, 'Test config');
  const settings = 'value' in configuration ? configuration.value : {};
  const [, stem, fail, task, resource] = /^(.+?)(_fail)?(_task)?(_resource)?\.wdl$/.exec(name)!;
  const kind = resource ? 'resource' : task ? 'task' : 'workflow';
  return {
    name,
    source,
    target: String(settings['target'] ?? stem),
    kind: (settings['type'] as Example['kind'] | undefined) ?? kind,
    fails: (settings['fail'] as boolean | undefined) ?? fail !== undefined,
    ignored: settings['priority'] === 'ignore',
    returnCodes: codesOf(settings['return_code'] ?? settings['returnCodes'] ?? '*'),
    excludedOutputs: listOf(settings['exclude_output'] ?? settings['exclude_outputs']),
    dependencies: listOf(settings['dependencies']),
    inputs: section(block, 'Example input'),
    outputs: section(block, 'Example output'),
  };
}

/** The text of the first fenced block of this language from a place on, without the indentation of its fence. */
function fenced(block: string, language: string, from: number): string | undefined {
  const found = new RegExp(`^([ \\t]*)\`\`\`${language}\\s*\\n([^]*?)^[ \\t]*\`\`\``, 'm').exec(
    block.slice(from),
  );
  return found?.[2]!.replace(new RegExp(`^${found[1]}`, 'gm'), '');
}

function section(block: string, title: string): Json {
  const start = block.search(new RegExp(`^\\s*${title}:`, 'im'));
  const text = start === -1 ? undefined : fenced(block, 'json', start);
  if (text === undefined || text.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(text) as Record<string, unknown> };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

function listOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function codesOf(value: unknown): number[] | undefined {
  return value === '*' ? undefined : listOf(value).map(Number);
}
