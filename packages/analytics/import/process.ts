import { VcfError } from '../vcf/vcf-error.ts';
import { importFile } from './import-file.ts';
import { importSmallVcfs } from './import-small-vcfs.ts';
import type { ImportedFiles, ImportReply, ImportRequest } from './protocol.ts';

// The import's own process: a parser or a native library that falls over a hostile file takes only this one with it.
// The server died: nobody will take the answer, and the scratch is emptied by the next one.
process.on('disconnect', () => process.exit(1));

const request = JSON.parse(process.argv[2]!) as ImportRequest;
try {
  const imported = request.parts
    ? await importSmallVcfs(process.stdin, request, request.parts)
    : await importOne();
  answer({ outcome: 'written', ...imported });
} catch (error) {
  if (!(error instanceof VcfError)) throw error;
  answer({ outcome: 'refused', message: error.message });
}

async function importOne(): Promise<ImportedFiles> {
  const { files, ...facts } = await importFile(process.stdin, request);
  return { files, facts: [facts] };
}

function answer(reply: ImportReply): void {
  process.send!(reply, () => process.exit(0));
}
