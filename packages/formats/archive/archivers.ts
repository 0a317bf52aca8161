import { buildReadPass, type NativeBuildOptions } from '../native-build.ts';
import { type CramArchiver, cramArchiver } from './cram.ts';

/** The CRAM archiver; undefined where this machine cannot build the program: files then stay as they are. */
export async function openCramArchiver(options: NativeBuildOptions): Promise<CramArchiver | undefined> {
  const program = await buildReadPass(options);
  return program === undefined ? undefined : cramArchiver(program);
}
