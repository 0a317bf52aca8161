import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { BlobRef, Vault } from '@helicase/blobs';
import { readDefinitionZip } from '../definition/definition-zip.ts';
import type { WorkflowLimits } from '../limits.ts';
import type { RunPaths } from './run-paths.ts';

/** The workflow's definition in the run's folder, read-only; once, for a task that outlived its server may be reading it. */
export async function unpackDefinition(
  { limits, vault }: { readonly vault: Vault; readonly limits: WorkflowLimits },
  archive: BlobRef,
  { definition, engine }: RunPaths,
): Promise<void> {
  await mkdir(engine, { recursive: true, mode: 0o700 });
  if (existsSync(definition)) return;
  const unpacking = `${definition}.new`; // a crash may have cut an earlier unpacking off
  await rm(unpacking, { recursive: true, force: true });
  const files = await readDefinitionZip(await buffer(vault.read(archive)), limits.zip);
  await mkdir(unpacking, { recursive: true });
  for (const [name, bytes] of files) {
    const path = join(unpacking, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flush: true });
    await chmod(path, 0o444);
  }
  await rename(unpacking, definition);
}
