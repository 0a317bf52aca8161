import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

// Loaded into a server with `node --import`: counts each write, fsync, rename and the like that the process asks for,
// and each beginning and end of a transaction. At the step HELICASE_CRASH_STEP the process kills itself, as kill -9
// does: before the step, or, where it is a write of a file, with half of it written. At a regular end, the number of
// steps goes to the file HELICASE_CRASH_COUNT.

const at = Number(process.env['HELICASE_CRASH_STEP'] ?? Infinity);
const countFile = process.env['HELICASE_CRASH_COUNT'];
let steps = 0;

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, unknown>;

const SYNCHRONOUS = ['writeFileSync', 'writeSync', 'fsyncSync', 'renameSync', 'linkSync', 'rmSync'];
const PROMISED = ['writeFile', 'rename', 'link', 'rm', 'copyFile', 'mkdir', 'unlink'];
const OF_HANDLES = ['writeFile', 'sync', 'datasync', 'write'];

const writeCount = fs.writeFileSync;
if (countFile !== undefined) process.on('exit', () => writeCount(countFile, String(steps)));

for (const name of SYNCHRONOUS) stepBefore(fs as unknown as Methods, name);
for (const name of PROMISED) stepBefore(fsPromises as unknown as Methods, name);
const handle = await fsPromises.open(process.execPath, 'r');
const handles = Object.getPrototypeOf(handle) as Methods;
await handle.close();
for (const name of OF_HANDLES) stepBefore(handles, name);
tornWrites(handles);
transactions();
syncBuiltinESMExports();

function isDue(): boolean {
  steps += 1;
  return steps === at;
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal is on its way
}

function stepBefore(target: Methods, name: string): void {
  const original = target[name] as Method;
  target[name] = function (this: unknown, ...args: unknown[]) {
    if (isDue()) die();
    return Reflect.apply(original, this, args);
  };
}

/** Blobs are written with writev: half of the buffers reach the file. */
function tornWrites(target: Methods): void {
  const original = target['writev'] as (this: unknown, buffers: readonly Uint8Array[]) => Promise<unknown>;
  target['writev'] = async function (this: unknown, buffers: readonly Uint8Array[]) {
    if (!isDue()) return Reflect.apply(original, this, [buffers]);
    const first = buffers[0]!;
    await Reflect.apply(original, this, [[first.subarray(0, Math.floor(first.length / 2))]]);
    return die();
  };
}

function transactions(): void {
  const target = DatabaseSync.prototype as unknown as Methods;
  const original = target['exec'] as Method;
  target['exec'] = function (this: unknown, ...args: unknown[]) {
    if (/^(begin|commit)/i.test(String(args[0])) && isDue()) die();
    return Reflect.apply(original, this, args);
  };
}
