import { DocumentError, DocumentFaults, type Position } from '../faults.ts';
import { openMain } from '../load/open.ts';
import type { DefinitionReader } from '../load/documents.ts';
import { isOptional, typeText } from '../load/types.ts';
import { imageInputs } from './image-inputs.ts';

/** One input of the main process, as a parameter template describes it. */
export interface ProcessInput {
  readonly name: string;
  /** As CWL writes it: `File[]?`. */
  readonly type: string;
  readonly optional: boolean;
  readonly description?: string;
  /** It names the image of a tool. */
  readonly isImage?: true;
}

export interface Diagnostic {
  readonly severity: 'error';
  readonly message: string;
  readonly position: Position;
  /** The source line with a caret below the place. */
  readonly excerpt?: string;
}

export interface CheckResult {
  readonly inputs: readonly ProcessInput[];
  /** All faults; empty where the definition loads. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads a definition: its main file and all that it runs and imports. Never throws for what the definition does wrong. */
export async function checkDefinition(request: {
  readonly files: DefinitionReader;
  readonly main: string;
}): Promise<CheckResult> {
  try {
    const process = await openMain(request.files, '/', request.main);
    const images = imageInputs(process);
    const inputs = process.inputs.map(({ default: given, doc, name, type }) => ({
      ...{ name, type: typeText(type), optional: given !== undefined || isOptional(type) },
      ...(doc === undefined ? {} : { description: doc }),
      ...(images.has(name) ? { isImage: true as const } : {}),
    }));
    return { inputs, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const faults = error instanceof DocumentFaults ? error.all : [error];
    return {
      inputs: [],
      diagnostics: await Promise.all(faults.map((one) => diagnosticOf(one, request.files))),
    };
  }
}

async function diagnosticOf(
  { message, position }: DocumentError,
  files: DefinitionReader,
): Promise<Diagnostic> {
  const excerpt = await excerptOf(files, position);
  return { severity: 'error', message, position, ...(excerpt ? { excerpt } : {}) };
}

const SHOWN = 160;

async function excerptOf(
  read: DefinitionReader,
  { column, file, line }: Position,
): Promise<string | undefined> {
  const text = (await read(file))?.split('\n', line)[line - 1]?.trimEnd();
  if (!text || column > SHOWN) return undefined;
  return `${text.slice(0, SHOWN)}\n${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`;
}
