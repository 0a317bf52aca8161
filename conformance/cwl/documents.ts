/**
 * Loads and validates every CWL document below a folder, and prints what is wrong with those that have a fault.
 * Usage: npm run conformance:cwl:documents -- PATH   (for example a work tree of common-workflow-library/bio-cwl-tools)
 */
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkDefinition, definitionFolder } from '@helicase/cwl';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Which folder? npm run conformance:cwl:documents -- PATH');
const documents = globSync('**/*.cwl', { cwd: path }).toSorted();
let faulty = 0;
for (const document of documents) {
  const main = join(resolve(path), document).slice(1);
  const { diagnostics } = await checkDefinition({ files: definitionFolder('/'), main });
  if (diagnostics.length > 0) faulty += 1;
  for (const { message, position } of diagnostics)
    console.log(`${document}:${position.line}:${position.column}: ${message}`);
}
console.log(`${documents.length - faulty} of ${documents.length} documents load and validate`);
process.exitCode = faulty === 0 ? 0 : 1;
