/** A process that checks definitions, one after the other: whatever one does to the checker, the server goes on. */
import * as cwl from '@helicase/cwl';
import * as wdl from '@helicase/wdl';
import type { CheckedDefinition } from '../ports.ts';

export interface CheckRequest {
  readonly files: ReadonlyMap<string, string>;
  readonly main: string;
  /** WDL as Cromwell tolerates it. */
  readonly lenient: boolean;
  /** WDL unless told. */
  readonly language?: 'WDL' | 'CWL';
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
  const { diagnostics, inputs } =
    language === 'CWL'
      ? await cwl.checkDefinition(definition)
      : await wdl.checkDefinition({ ...definition, lenient });
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
