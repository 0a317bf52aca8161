/** A process that checks definitions, one after the other: whatever one does to the checker, the server goes on. */
import { dirname, join } from 'node:path/posix';
import * as cwl from '@helicase/cwl';
import * as nextflow from '@helicase/nextflow';
import * as wdl from '@helicase/wdl';
import type { CheckedDefinition } from '../ports.ts';

export interface CheckRequest {
  readonly files: ReadonlyMap<string, string>;
  readonly main: string;
  /** WDL as Cromwell tolerates it. */
  readonly lenient: boolean;
  /** WDL unless told. */
  readonly language?: 'WDL' | 'CWL' | 'NEXTFLOW';
}
export type CheckReply = { readonly checked: CheckedDefinition } | { readonly error: string };

process.on('disconnect', () => process.exit()); // the server is gone
process.on('message', (request: CheckRequest) => void answer(request));

async function answer(request: CheckRequest): Promise<void> {
  let reply: CheckReply;
  try {
    reply = { checked: await check(request) };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  process.send!(reply);
}

async function check({ files, language, lenient, main }: CheckRequest): Promise<CheckedDefinition> {
  const definition = { files: async (path: string) => files.get(path), main };
  if (language === 'NEXTFLOW') return checkNextflow(files, main);
  if (language === 'CWL') return checked(await cwl.checkDefinition(definition));
  return checked(await wdl.checkDefinition({ ...definition, lenient }));
}

function checkNextflow(files: ReadonlyMap<string, string>, main: string): CheckedDefinition {
  const found = checked(nextflow.checkFiles(files));
  if (found.diagnostics.length > 0) return found; // of a configuration that does not parse nothing more is told
  return { ...found, profiles: nextflow.configProfiles(files, join(dirname(main), 'nextflow.config')) };
}

interface Found {
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    readonly optional: boolean;
    readonly description?: string;
  }[];
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly message: string;
    readonly position: { readonly file: string; readonly line: number; readonly column: number };
    readonly excerpt?: string;
  }[];
}

function checked({ diagnostics, inputs }: Found): CheckedDefinition {
  return {
    inputs: inputs.map((input) => ({
      ...{ name: input.name, type: input.type, optional: input.optional },
      ...(input.description === undefined ? {} : { description: input.description }),
      ...('isImage' in input && input.isImage ? { isImage: true as const } : {}),
    })),
    diagnostics: diagnostics.map(({ excerpt, message, position: { column, file, line }, severity }) => ({
      severity: severity === 'error' ? 'error' : 'warning',
      ...{ message, file, line, column },
      ...(excerpt === undefined ? {} : { excerpt }),
    })),
  };
}
