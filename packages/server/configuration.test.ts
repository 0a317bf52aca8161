import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-configuration-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(content: object): string {
  const path = join(folder, 'helicase.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('the configuration', () => {
  test('without a word listens on both loopback addresses, port 4600, and keeps data in ./helicase-data', () => {
    const configuration = readConfiguration({}, {});
    assert.deepEqual(configuration.hosts, ['127.0.0.1', '::1']);
    assert.equal(configuration.port, 4600);
    assert.equal(configuration.data, resolve('helicase-data'));
    assert.deepEqual(configuration.regions, ['us-east-1']);
  });

  test('takes a flag before the environment and the environment before the file', () => {
    const config = file({ port: 1, data: '/file', logLevel: 'warn' });
    const configuration = readConfiguration(
      { config, port: '3' },
      { HELICASE_PORT: '2', HELICASE_DATA: '/environment' },
    );
    assert.equal(configuration.port, 3);
    assert.equal(configuration.data, '/environment');
    assert.equal(configuration.logLevel, 'warn');
  });

  test('names every fault at once', () => {
    assert.throws(
      () =>
        readConfiguration({ port: '70000', regions: 'moon', tlsKey: 'key.pem', database: 'mysql://x' }, {}),
      (error: ConfigurationError) => {
        assert.equal(error.faults.length, 4);
        assert.match(error.message, /port "70000" must be a whole number from 0 to 65535/);
        assert.match(error.message, /"moon" has not the form of a region/);
        return true;
      },
    );
  });

  test('refuses an option in the file that it does not know, and lists the ones it does', () => {
    const config = file({ prot: 1 });
    assert.throws(() => readConfiguration({ config }, {}), /"prot" is no option; the options are host, port/);
  });
});
