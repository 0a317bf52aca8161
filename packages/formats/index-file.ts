import { runCommand } from '@helicase/kernel';

/** Writes the index of a coordinate-sorted BAM or CRAM file that lies at a path, where no pass could write it on the way. */
export async function indexAlignmentFile(
  path: string,
  indexPath: string,
  signal?: AbortSignal,
): Promise<void> {
  const result = await runCommand('samtools', ['index', '-@', '1', path, indexPath], {
    timeout: 24 * 3600 * 1000,
    ...(signal ? { signal } : {}),
  });
  if (result.code !== 0) throw new Error(`samtools index ended with ${result.code}: ${result.stderr.trim()}`);
}
