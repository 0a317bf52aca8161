import { fileURLToPath } from 'node:url';
import { buildProgram, type BuildOptions, type Log } from '@helicase/kernel';

const READER = {
  name: 'read-pass',
  folder: fileURLToPath(new URL('./native/', import.meta.url)),
  flags: ['-std=gnu11', '-O2'],
  libraries: ['-lhts', '-lz', '-lpthread'],
};

export interface NativeBuildOptions extends BuildOptions {
  readonly log: Log;
}

/**
 * The path of the compiled one-pass reader (native/), built with `cc` on first use and kept under the sources' hash;
 * undefined where it cannot be built (no compiler, no htslib headers): the pipeline serves then, more slowly.
 */
export async function buildReadPass(options: NativeBuildOptions): Promise<string | undefined> {
  const built = await buildProgram(READER, options);
  if ('path' in built) return built.path;
  options.log.warn(
    { failure: built.failure },
    'The one-pass reader could not be compiled, imports run more slowly through samtools. Install gcc, libc6-dev, libhts-dev and zlib1g-dev to mend it.',
  );
  return undefined;
}
