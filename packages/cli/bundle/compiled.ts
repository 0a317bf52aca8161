import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

/** Of the length of the text, which the engine's code follows. */
const LENGTH_BYTES = 4;

type Wrapped = (module: { exports: object }, exports: object, require: NodeJS.Require) => void;

/**
 * A bundle's text and what the engine makes of it, in one piece. Node's own cache of compiled code holds what is compiled
 * when a module is loaded, and none of the functions that are called later: most of a short command's time.
 */
export function compiled(text: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(text, filename);
  setFlagsFromString('--lazy'); // an engine with other flags would not take the code
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUint32LE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'latin1'), script.createCachedData()]);
}

/** The exports of what `compiled` gave and a file keeps. The text is compiled again by an engine that cannot use the code. */
export function runCompiled(filename: string, require: NodeJS.Require): object {
  const bytes = readFileSync(filename);
  const end = LENGTH_BYTES + bytes.readUint32LE();
  const script = scriptOf(bytes.toString('latin1', LENGTH_BYTES, end), filename, bytes.subarray(end));
  const module = { exports: {} };
  (script.runInThisContext() as Wrapped)(module, module.exports, require);
  return module.exports;
}

function scriptOf(text: string, filename: string, cachedData?: Buffer): Script {
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return new Script(text, { filename, importModuleDynamically, ...(cachedData && { cachedData }) });
}
