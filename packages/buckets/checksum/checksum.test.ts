import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Algorithm, algorithmNamed, createDigester, DIGEST_SIZE } from './algorithms.ts';
import { combineCrcs } from './combine.ts';

async function digest(algorithm: Algorithm, bytes: Uint8Array): Promise<Buffer> {
  const digester = await createDigester(algorithm);
  digester.update(bytes);
  return digester.digest();
}

describe('checksums', () => {
  // "Check" values of the CRC catalogue (reveng.sourceforge.io) and of FIPS 180 tools for "123456789".
  const checks: Record<Algorithm, string> = {
    crc32: 'cbf43926',
    crc32c: 'e3069283',
    crc64nvme: 'ae8b14860a799888',
    sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
    sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  };
  for (const [algorithm, check] of Object.entries(checks) as [Algorithm, string][]) {
    test(`${algorithm} has the catalogue's check value`, async () => {
      const found = await digest(algorithm, Buffer.from('123456789'));
      assert.equal(found.toString('hex'), check);
      assert.equal(found.length, DIGEST_SIZE[algorithm]);
    });
  }

  for (const algorithm of ['crc32', 'crc32c', 'crc64nvme'] as const) {
    test(`${algorithm} of a whole follows from its parts`, async () => {
      const pieces = [0, 1, 5000, 5000, 70_001].map((size) => randomBytes(size));
      const parts = await Promise.all(
        pieces.map(async (piece) => ({ crc: await digest(algorithm, piece), size: piece.length })),
      );
      assert.deepEqual(combineCrcs(algorithm, parts), await digest(algorithm, Buffer.concat(pieces)));
    });
  }

  test('names are those of the API', () => {
    assert.equal(algorithmNamed('CRC64NVME'), 'crc64nvme');
    assert.equal(algorithmNamed('MD5'), undefined);
  });
});
