/** A process that checks definitions, one after the other: whatever one does to the checker, the server goes on. */
import { checkDefinition } from '@helicase/wdl';
import type { CheckedDefinition } from '../ports.ts';

export interface CheckRequest {
  readonly files: ReadonlyMap<string, string>;
  readonly main: string;
  readonly lenient: boolean;
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

async function check({ files, lenient, main }: CheckRequest): Promise<CheckedDefinition> {
  const { diagnostics, inputs } = await checkDefinition({
    files: async (path) => files.get(path),
    main,
    lenient,
  });
  return {
    inputs: inputs.map(({ description, name, optional, type }) => ({
      name,
      type,
      optional,
      ...(description === undefined ? {} : { description }),
    })),
    diagnostics: diagnostics.map(({ excerpt, message, position: { column, file, line }, severity }) => ({
      severity: severity === 'error' ? 'error' : 'warning',
      ...{ message, file, line, column },
      ...(excerpt === undefined ? {} : { excerpt }),
    })),
  };
}
