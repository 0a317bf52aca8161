import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { giveBack, lend } from '@helicase/kernel';
import type { V4Claim } from '../signature/claim.ts';
import { signingKey } from '../signature/verify-v4.ts';
import { ChunkSigner } from './chunk-signer.ts';
import { unchunkedBytes } from './chunked.ts';
import type { Bytes } from './source.ts';

/** The example of the S3 API reference, "Transferring Payload in Multiple Chunks": 65 KiB of `a` in 64 KiB chunks. */
const seeds = {
  plain: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  trailer: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
};
const plainChunks = [
  [65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
  [1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
  [0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
] as const;
const trailerChunks = [
  [65_536, 'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2'],
  [1024, '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7'],
  [0, '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992'],
] as const;
const trailerSignature = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';

function signer(seed: string, trailers: boolean): ChunkSigner {
  const claim: V4Claim = {
    version: 4,
    place: 'header',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    date: '20130524',
    region: 'us-east-1',
    service: 's3',
    signedHeaders: [],
    signature: seed,
    time: Date.UTC(2013, 4, 24),
    expires: undefined,
    sessionToken: undefined,
  };
  return new ChunkSigner(claim, signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', claim), trailers);
}

function frame(chunks: readonly (readonly [number, string])[], fill = 'a'): string {
  return chunks
    .map(([size, signature]) => {
      const head = `${size.toString(16)};chunk-signature=${signature}\r\n`;
      return size === 0 ? head : `${head}${fill.repeat(size)}\r\n`;
    })
    .join('');
}

/** The body in pieces that break lines and chunks at odd places. */
async function* inPieces(text: string, size: number): Bytes {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(
  text: string,
  options: Parameters<typeof unchunkedBytes>[1],
  size = 777,
): Promise<string> {
  const pieces = [];
  for await (const piece of unchunkedBytes(inPieces(text, size), options)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('latin1');
}

describe('aws-chunked bodies', () => {
  const body = 'a'.repeat(66_560);
  const signed = `${frame(plainChunks)}\r\n`;
  const plain = (decodedLength = 66_560) => ({
    signer: signer(seeds.plain, false),
    decodedLength,
    trailers: new Map(),
  });

  for (const size of [1, 777, 70_000]) {
    test(`AWS's signed example gives its bytes, arriving ${size} at a time`, async () => {
      assert.equal(await collect(signed, plain(), size), body);
    });
  }

  test('a reader may give each piece back before it asks for the next', async () => {
    // The bytes of a chunk are a piece of their own.
    async function* exclusive(): Bytes {
      for (const part of signed.split(/(?<=[0-9a-f]{64}\r\n)|(?<=aa)(?=\r\n)/)) {
        const piece = Buffer.from(new ArrayBuffer(part.length));
        piece.write(part, 'latin1');
        yield piece;
      }
    }
    let text = '';
    for await (const piece of unchunkedBytes(exclusive(), plain())) {
      text += piece.toString('latin1');
      giveBack(lend(piece));
    }
    assert.equal(text, body);
  });

  test('signed trailers are given', async () => {
    const trailers = new Map<string, string>();
    const text = `${frame(trailerChunks)}x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:${trailerSignature}\r\n\r\n`;
    const options = { signer: signer(seeds.trailer, true), decodedLength: 66_560, trailers };
    assert.equal(await collect(text, options), body);
    assert.deepEqual([...trailers], [['x-amz-checksum-crc32c', 'sOO8/Q==']]);
  });

  test('unsigned chunks with a trailer', async () => {
    const trailers = new Map<string, string>();
    const text = '5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n';
    assert.equal(await collect(text, { decodedLength: 11, trailers }, 3), 'hello world');
    assert.equal(trailers.get('x-amz-checksum-crc32'), 'DUoRhQ==');
  });

  const wrong: readonly (readonly [string, string, Parameters<typeof unchunkedBytes>[1], string])[] = [
    [
      'a changed byte',
      signed.replace('aab', 'aaa').replace('\r\naa', '\r\nba'),
      plain(),
      'SignatureDoesNotMatch',
    ],
    [
      'chunks in another order',
      `${frame([plainChunks[1], plainChunks[0], plainChunks[2]])}\r\n`,
      plain(),
      'SignatureDoesNotMatch',
    ],
    ['a body cut after a chunk', frame(plainChunks.slice(0, 1)), plain(), 'InvalidRequest'],
    ['a body cut within a chunk', signed.slice(0, 30_000), plain(), 'IncompleteBody'],
    ['more than was declared', signed, plain(1000), 'IncompleteBody'],
    ['less than was declared', signed, plain(99_999), 'IncompleteBody'],
    [
      'a size that is no number',
      'zz\r\nx\r\n0\r\n\r\n',
      { decodedLength: 1, trailers: new Map() },
      'InvalidRequest',
    ],
    [
      'a chunk longer than it says',
      '2\r\nabcd\r\n0\r\n\r\n',
      { decodedLength: 4, trailers: new Map() },
      'InvalidRequest',
    ],
    [
      'bytes after the end',
      '1\r\na\r\n0\r\n\r\nmore',
      { decodedLength: 1, trailers: new Map() },
      'InvalidRequest',
    ],
    ['an endless line', 'a'.repeat(100_000), { decodedLength: 1, trailers: new Map() }, 'InvalidRequest'],
    ['no signature where there must be one', '1\r\na\r\n0\r\n\r\n', plain(), 'SignatureDoesNotMatch'],
    [
      'trailers without their signature',
      `${frame(trailerChunks)}x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n`,
      { signer: signer(seeds.trailer, true), decodedLength: 66_560, trailers: new Map() },
      'SignatureDoesNotMatch',
    ],
    [
      'a changed trailer',
      `${frame(trailerChunks)}x-amz-checksum-crc32c:sOO8/A==\r\nx-amz-trailer-signature:${trailerSignature}\r\n\r\n`,
      { signer: signer(seeds.trailer, true), decodedLength: 66_560, trailers: new Map() },
      'SignatureDoesNotMatch',
    ],
  ];
  for (const [what, text, options, code] of wrong) {
    test(`${what} is ${code}`, () => assert.rejects(collect(text, options), { code }));
  }
});
