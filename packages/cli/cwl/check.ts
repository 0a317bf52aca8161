import { join, relative, resolve } from 'node:path';
import { checkDefinition, definitionFolder, type Diagnostic } from '@helicase/cwl';

/** `helicase cwl check FILE...`: everything that is wrong with each, with its place. */
export async function cwlCheck(files: readonly string[]): Promise<number> {
  let faulty = 0;
  for (const file of files) {
    const { diagnostics } = await checkDefinition({
      files: definitionFolder('/'),
      main: resolve(file).slice(1),
    });
    for (const found of diagnostics) console.log(text(found));
    if (diagnostics.length > 0) faulty += 1;
    else console.log(`${file}: nothing to complain about`);
  }
  return faulty === 0 ? 0 : 1;
}

/** Positions name files below `/`; people read them from where they are. */
function text({ excerpt, message, position: { column, file, line } }: Diagnostic): string {
  const path = relative(process.cwd(), join('/', file));
  return `${path}:${line}:${column}: ${message}${excerpt === undefined ? '' : `\n${excerpt.replace(/^/gm, '    ')}`}`;
}
