import { readFileSync } from 'node:fs';
import { GroovyMap, parseJson, ScriptFault, yamlValue } from '@helicase/nextflow';

/** `-params-file`: JSON or YAML. */
export function readParamsFile(path: string): (readonly [string, unknown])[] {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    throw new ScriptFault(`Specified params file does not exist: ${path}`);
  }
  const values = /\.json$/.test(path) ? parseJson(content) : yamlValue(content);
  if (!(values instanceof GroovyMap))
    throw new ScriptFault(`The params file ${path} must hold names and values.`);
  return Array.from(values, ([name, value]) => [String(name), value] as const);
}
