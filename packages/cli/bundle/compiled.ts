import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { LENGTH_BYTES } from './load.cjs';

/**
 * A bundle's text and what the engine makes of it, in one piece. Node's own cache of compiled code holds what is compiled
 * when a module is loaded, and none of the functions that are called later: most of a short command's time.
 */
export function compiled(text: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = new Script(text, { filename });
  setFlagsFromString('--lazy'); // an engine with other flags would not take the code
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUint32LE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'latin1'), script.createCachedData()]);
}
