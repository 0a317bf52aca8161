import assert from 'node:assert/strict';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, test } from 'node:test';
import { zipSync } from 'fflate';
import { defaultLimits } from '../limits.ts';
import { DefinitionProblem } from './definition-problem.ts';
import { readDefinitionZip } from './definition-zip.ts';
import { findMain } from './main-file.ts';

const text = (content: string) => new TextEncoder().encode(content);

interface RawEntry {
  readonly name: string;
  readonly content: Buffer;
  /** Unix mode in the external attributes. */
  readonly mode?: number;
  readonly flags?: number;
  /** Declared instead of the true size. */
  readonly declaredSize?: number;
  readonly crc?: number;
}

/** A zip made byte by byte (APPNOTE 4.3), for what no well-behaved library writes. */
function rawZip(entries: readonly RawEntry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { content, crc, declaredSize, flags = 0, mode = 0o100644, name } of entries) {
    const packed = deflateRawSync(content);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(declaredSize ?? content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((mode << 16) >>> 0) + 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, 3]);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, tail, nameBytes]));
    local.push(header);
    offset += header.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

const file = (name: string, facts: Partial<RawEntry> = {}): RawEntry => ({
  name,
  content: Buffer.from('x'),
  ...facts,
});
const read = (zip: Buffer | Uint8Array) => readDefinitionZip(Buffer.from(zip), defaultLimits.zip);

describe('a definition zip', () => {
  test('gives its files, folders left out', async () => {
    const files = await read(zipSync({ 'main.wdl': text('version 1.0'), 'tasks/align.wdl': text('task') }));
    assert.deepEqual([...files.keys()].sort(), ['main.wdl', 'tasks/align.wdl']);
    assert.equal(files.get('main.wdl')!.toString(), 'version 1.0');
    assert.deepEqual(
      [...(await read(rawZip([file('lib/', { mode: 0o040755 }), file('lib/a.wdl')]))).keys()],
      ['lib/a.wdl'],
    );
  });

  const attacks: readonly [string, RawEntry[], RegExp][] = [
    ['a path out of the zip', [file('../evil.wdl')], /\.\.\/evil\.wdl/],
    ['a path out of the zip in the middle', [file('a/../../evil.wdl')], /evil\.wdl/],
    ['an absolute path', [file('/etc/evil.wdl')], /\/etc\/evil\.wdl/],
    ['backslashes', [file('a\\..\\evil.wdl')], /evil\.wdl/],
    ['a symbolic link', [file('link.wdl', { mode: 0o120777 })], /"link\.wdl" is a symbolic link/],
    ['a device', [file('null', { mode: 0o020666 })], /"null" is neither a file nor a folder/],
    ['an encrypted file', [file('secret.wdl', { flags: 1 })], /"secret\.wdl" is encrypted/],
    ['the same name twice', [file('a.wdl'), file('a.wdl')], /"a\.wdl" occurs twice/],
    ['a file that is a folder', [file('a'), file('a/b.wdl')], /"a\/b\.wdl" lies in "a", which is a file/],
    [
      'a bomb',
      [file('bomb.wdl', { content: Buffer.alloc(20_000_000) })],
      /"bomb\.wdl" unpacks to more than 200 times/,
    ],
    [
      'a file too large',
      [file('big.wdl', { content: Buffer.alloc(70_000_000) })],
      /"big\.wdl" unpacks to 70000000 bytes/,
    ],
    [
      'more bytes than declared',
      [file('liar.wdl', { content: Buffer.alloc(9_000), declaredSize: 10 })],
      /"liar\.wdl" cannot be unpacked/,
    ],
    ['a wrong checksum', [file('bad.wdl', { crc: 1 })], /"bad\.wdl" cannot be unpacked: its checksum/],
  ];
  for (const [name, entries, message] of attacks) {
    test(`is refused for ${name}, naming the entry`, async () => {
      await assert.rejects(read(rawZip(entries)), (error) => {
        assert.ok(error instanceof DefinitionProblem, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('is refused where it is none, or cut off', async () => {
    await assert.rejects(read(Buffer.from('not a zip')), /not a readable zip file/);
    const whole = Buffer.from(zipSync({ 'main.wdl': text('version 1.0') }));
    await assert.rejects(read(whole.subarray(0, whole.length - 30)), DefinitionProblem);
  });
});

describe('the main file', () => {
  const files = (...names: string[]) => new Map(names.map((name) => [name, Buffer.alloc(0)]));

  test('is the one that is named', () => {
    assert.equal(findMain(files('a.wdl', 'b/c.wdl'), 'WDL', 'b/c.wdl'), 'b/c.wdl');
    assert.throws(
      () => findMain(files('a.wdl'), 'WDL', 'b.wdl'),
      /"b\.wdl" is not in the zip file; it holds a\.wdl/,
    );
  });

  test('is the only definition, or main.wdl at the top', () => {
    assert.equal(
      findMain(files('readme.md', 'flow.wdl', '__MACOSX/._flow.wdl'), 'WDL', undefined),
      'flow.wdl',
    );
    assert.equal(findMain(files('other.wdl', 'main.wdl'), 'WDL', undefined), 'main.wdl');
  });

  test('must be named where there are several definitions', () => {
    assert.throws(
      () => findMain(files('a.wdl', 'b.wdl'), 'WDL', undefined),
      /Zip file contains multiple workflow definition files: a\.wdl, b\.wdl/,
    );
    assert.throws(
      () => findMain(files('a.txt'), 'WDL', undefined),
      /no workflow definition file \(\*\.wdl\)/,
    );
  });
});
