export { openCramArchiver } from './archive/archivers.ts';
export type { AlignmentArchiving, CramArchiver } from './archive/cram.ts';
export { packZstd, unpackZstd } from './archive/zstd.ts';
export { indexAlignmentFile } from './index-file.ts';
export type { NativeBuildOptions } from './native-build.ts';
export {
  type AlignmentFacts,
  type AlignmentOptions,
  type AlignmentType,
  BrokenInput,
  type Contig,
  type DigestAlgorithm,
  type FastaFacts,
  type FastaOptions,
  type FastqFacts,
  type FastqOptions,
  type Pass,
  type ReadPasses,
  type UsedContig,
} from './pass.ts';
export { type Alongside, pour } from './pour.ts';
export { addComment, type Headed } from './provenance.ts';
export type { ScratchFiles } from './pipeline/pipeline-passes.ts';
export { openReadPasses, type ReadPassesOptions } from './read-passes.ts';
