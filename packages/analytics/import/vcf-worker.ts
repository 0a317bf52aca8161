import { parentPort, workerData } from 'node:worker_threads';
import { ChunkEncoder, type EncoderPlan } from '../vcf/chunk-encoder.ts';
import { VcfError } from '../vcf/vcf-error.ts';
import type { ChunkReply, ChunkRequest } from './chunk-workers.ts';

// A thread of the import's process: one chunk at a time.
const encoder = new ChunkEncoder(workerData as EncoderPlan);

parentPort!.on('message', ({ bytes, firstLine, lines }: ChunkRequest) => {
  try {
    const chunk = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), firstLine, lines };
    const encoded = encoder.encode(chunk);
    const reply: ChunkReply = { outcome: 'encoded', encoded };
    parentPort!.postMessage(
      reply,
      encoded.groups.flat().map((group) => group.bytes.buffer),
    );
  } catch (error) {
    if (!(error instanceof VcfError)) throw error;
    parentPort!.postMessage({ outcome: 'refused', message: error.message } satisfies ChunkReply);
  }
});
