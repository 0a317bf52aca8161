import { join, relative, resolve } from 'node:path';
import { checkDefinition, definitionFolder, type Diagnostic, formatDiagnostic } from '@helicase/wdl';

export interface WdlCheckFlags {
  readonly lenient: boolean;
  /** Warnings are as bad as errors. */
  readonly strict: boolean;
}

/** `helicase wdl check FILE...`: what is wrong with each, and what a careful reader would ask about. */
export async function wdlCheck(files: readonly string[], flags: WdlCheckFlags): Promise<number> {
  let failed = false;
  for (const file of files) {
    const main = resolve(file).slice(1);
    const request = {
      files: definitionFolder('/'),
      main,
      lenient: flags.lenient,
      tasksOnly: true,
      lint: true,
    };
    const { diagnostics } = await checkDefinition(request);
    for (const found of diagnostics) console.log(formatDiagnostic(fromHere(found)));
    failed ||= diagnostics.some(({ severity }) => flags.strict || severity === 'error');
    if (diagnostics.length === 0) console.log(`${file}: nothing to complain about`);
  }
  return failed ? 1 : 0;
}

/** Positions name files below `/`; people read them from where they are. */
function fromHere(found: Diagnostic): Diagnostic {
  const file = relative(process.cwd(), join('/', found.position.file));
  return { ...found, position: { ...found.position, file } };
}
