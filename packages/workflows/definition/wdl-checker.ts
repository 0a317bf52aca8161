import { checkDefinition } from '@helicase/wdl';
import type { DefinitionChecker } from '../ports.ts';

/** WDL, strict or as Cromwell tolerates it. */
export function wdlChecker(lenient: boolean): DefinitionChecker {
  return {
    async check({ files, main }) {
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
        diagnostics: diagnostics.map(({ excerpt, message, position, severity }) => ({
          severity: severity === 'error' ? 'error' : 'warning',
          message,
          file: position.file,
          line: position.line,
          column: position.column,
          ...(excerpt === undefined ? {} : { excerpt }),
        })),
      };
    },
  };
}
