import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createCRC32, createCRC64 } from 'hash-wasm';

/** S3's checksum algorithms by the name in its headers (`x-amz-checksum-crc32`). */
export const ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Bytes of a digest. */
export const DIGEST_SIZE: Readonly<Record<Algorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

/** Reflected polynomials, as the CRC catalogue writes CRC-32C (Castagnoli) and CRC-64/NVME. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64_NVME_POLYNOMIAL = '9a6c9329ac4bc9b5';

export interface Digester {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

export async function createDigester(algorithm: Algorithm): Promise<Digester> {
  switch (algorithm) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
      return started(await createCRC32(CRC32C_POLYNOMIAL));
    case 'crc64nvme':
      return started(await createCRC64(CRC64_NVME_POLYNOMIAL));
    case 'sha1':
    case 'sha256':
      return createHash(algorithm);
  }
}

/** `CRC64NVME` of requests and answers, as the algorithm; undefined where it is none of S3's. */
export function algorithmNamed(name: string): Algorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm === name.toLowerCase());
}

class Crc32 implements Digester {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}

interface WasmHasher {
  init(): unknown;
  update(chunk: Uint8Array): unknown;
  digest(form: 'binary'): Uint8Array;
}

function started(hasher: WasmHasher): Digester {
  hasher.init();
  return {
    update: (chunk) => void hasher.update(chunk),
    digest: () => Buffer.from(hasher.digest('binary')),
  };
}
