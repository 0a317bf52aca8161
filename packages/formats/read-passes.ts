import { buildReadPass, type NativeBuildOptions } from './native-build.ts';
import { nativePasses } from './native-pass.ts';
import type { ReadPasses } from './pass.ts';
import { pipelinePasses, type ScratchFiles } from './pipeline/pipeline-passes.ts';

export interface ReadPassesOptions extends NativeBuildOptions {
  /** Where the pipeline puts a file that samtools must find at a path; the compiled reader needs none. */
  readonly scratch: ScratchFiles;
}

/** The one-pass readers: the compiled program where this machine can build it, samtools pipelines where it cannot. */
export async function openReadPasses(options: ReadPassesOptions): Promise<ReadPasses> {
  const program = await buildReadPass(options);
  return program === undefined ? pipelinePasses(options.scratch) : nativePasses(program, options.log);
}
