import assert from 'node:assert/strict';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { silentLog, systemClock } from '@helicase/kernel';
import { ENGINE_PROTOCOL } from '../engine-protocol.ts';
import { temporaryDirectory } from '../testing/testing.ts';
import { createEngineHost, type EngineHost } from './engine-host.ts';
import { ENGINE_DESCRIPTOR } from './engine-process.ts';
import type { EngineRun } from './engine-run.ts';

const directory = realpathSync(temporaryDirectory());
const OWN = new URL('../testing/engine-entry.ts', import.meta.url).href;
const OTHER = ENGINE_PROTOCOL + 1;

/** An entry as a release of another protocol has it; where `once`, a second process of it is this release's own. */
function otherRelease(name: string, once: boolean): { entry: URL; marker: string } {
  const [path, marker] = [join(directory, `${name}.mjs`), join(directory, `${name}.first`)];
  const greet = `
    writeFileSync(${JSON.stringify(marker)}, '');
    const channel = new Socket({ fd: ${ENGINE_DESCRIPTOR}, readable: true, writable: true });
    channel.write('{"type":"ready","protocol":${OTHER}}\\n');
    channel.on('end', () => process.exit(0)).resume();`;
  const text = `
    import { existsSync, writeFileSync } from 'node:fs';
    import { Socket } from 'node:net';
    if (${once} && existsSync(${JSON.stringify(marker)})) await import(${JSON.stringify(OWN)});
    else { ${greet} }`;
  writeFileSync(path, text);
  return { entry: pathToFileURL(path), marker };
}

function failingRun(): EngineRun {
  return {
    ...{ language: 'WDL', definition: directory, main: 'fail', parameters: {}, readable: [] },
    runDirectory: directory,
    tasks: {
      run: () => Promise.reject(new Error('no tasks here')),
      stat: async () => undefined,
      localize: async (uri) => uri,
      log: () => {},
    },
  };
}

async function withHost(entry: URL, warned: string[], use: (host: EngineHost) => Promise<void>) {
  const log = {
    ...silentLog,
    warn: (facts: object) => void warned.push(String((facts as { error?: Error }).error?.message)),
  };
  const host = createEngineHost({ entry, clock: systemClock, log });
  try {
    await use(host);
  } finally {
    await host.close();
  }
}

describe('an engine of another protocol', () => {
  test('is refused, and the run gets one that this server starts anew', async () => {
    const { entry, marker } = otherRelease('upgraded', true);
    const warned: string[] = [];
    await withHost(entry, warned, async (host) => {
      await host.cleanUp(); // the waiting engine starts
      for (let tries = 0; !existsSync(marker); tries++) {
        assert.ok(tries < 500, 'the engine did not start within ten seconds');
        await systemClock.sleep(20);
      }
      const result = await host.run(failingRun());
      assert.equal(result.status === 'failed' && result.failure.message, 'align failed');
      assert.match(warned.join(), new RegExp(`speaks protocol ${OTHER}, this server ${ENGINE_PROTOCOL}`));
    });
  });

  test('never evaluates anything, and the reason is told, where there is no other', async () => {
    const { entry } = otherRelease('foreign', false);
    await withHost(entry, [], async (host) => {
      await assert.rejects(host.run(failingRun()), new RegExp(`speaks protocol ${OTHER}`));
    });
  });
});
