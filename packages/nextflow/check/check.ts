import { excerpt, ScriptFault } from '../diagnostics/fault.ts';
import { parseConfig } from '../syntax/config-parser.ts';
import type { ParamsNode } from '../syntax/script-node.ts';
import { parseScript } from '../syntax/script-parser.ts';
import { type Position, Source } from '../syntax/source.ts';

/** One parameter, as a parameter template describes it. */
export interface ScriptParameter {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

export interface CheckDiagnostic {
  readonly severity: 'error';
  readonly message: string;
  readonly position: Position;
  readonly excerpt?: string;
}

export interface CheckResult {
  readonly inputs: readonly ScriptParameter[];
  readonly diagnostics: readonly CheckDiagnostic[];
}

const PARAMETER = /\bparams\s*\??\.\s*([A-Za-z_]\w*)/g;

/** Reads every script and configuration of a definition. Never throws for what they do wrong. */
export function checkFiles(files: ReadonlyMap<string, string>): CheckResult {
  const names = new Map<string, ScriptParameter>();
  const diagnostics: CheckDiagnostic[] = [];
  for (const [file, text] of files) {
    if (!/\.(nf|config)$/.test(file) || file.includes('__MACOSX')) continue;
    const source = new Source(file, text);
    try {
      if (file.endsWith('.config')) parseConfig(source);
      else for (const item of parseScript(source).items) if (item.kind === 'params') declare(item, names);
      if (/^\s*nextflow\.enable\.dsl\s*=\s*1\b/m.test(text)) throw dsl1(source);
    } catch (error) {
      if (!(error instanceof ScriptFault)) throw error;
      diagnostics.push(diagnosticOf(error, source));
    }
    for (const name of parameterNames(text, file))
      if (!names.has(name)) names.set(name, { name, type: 'Object', optional: true });
  }
  return { inputs: [...names.values()], diagnostics };
}

function dsl1(source: Source): ScriptFault {
  const start = source.text.search(/nextflow\.enable\.dsl/);
  return new ScriptFault(
    'DSL1 is not supported. Rewrite the script for DSL2: processes are called in a workflow block.',
    { source, start, end: start + 19 },
  );
}

function declare(node: ParamsNode, names: Map<string, ScriptParameter>): void {
  for (const { initial, name, type } of node.parameters) {
    names.set(name, {
      name,
      type: type?.name ?? 'Object',
      optional: initial !== undefined || type?.optional === true || type?.name === 'Boolean',
    });
  }
}

/** `params.name` anywhere, and the names in a configuration's `params { ... }`. */
function parameterNames(text: string, file: string): string[] {
  const used = Array.from(text.matchAll(PARAMETER), ([, name]) => name!);
  if (!file.endsWith('.config')) return used;
  const blocks = text.matchAll(/^\s*params\s*\{([\s\S]*?)^\s*\}/gm);
  return [
    ...used,
    ...Array.from(blocks).flatMap(([, body]) =>
      Array.from(body!.matchAll(/^\s*([A-Za-z_]\w*)\s*=/gm), ([, name]) => name!),
    ),
  ];
}

function diagnosticOf(error: ScriptFault, source: Source): CheckDiagnostic {
  const { message, position = source.position(0), stretch } = error;
  return {
    severity: 'error',
    message,
    position,
    ...(stretch ? { excerpt: excerpt(stretch).replace(/^ {4}/gm, '') } : {}),
  };
}
