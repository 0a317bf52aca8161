import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskRequest } from '@helicase/runtime';
import { spawnSync } from 'node:child_process';
import { openMain } from '../load/open.ts';
import { hideSecrets, refuseOpenSecrets, withSecretVariables } from './secrets.ts';

const TOOL = `cwlVersion: v1.2
class: CommandLineTool
$namespaces: { cwltool: "http://commonwl.org/cwltool#" }
hints: { "cwltool:Secrets": { secrets: [password] } }
baseCommand: login
inputs: { user: string, password: string }
outputs: []
`;
const open = () => openMain(async () => TOOL, '/', 'main.cwl');
const SECRET = `hunter's "2" $(id) ; \\x`;

const request = (argv: readonly string[], more: Partial<TaskRequest> = {}): TaskRequest => ({
  ...{ call: 'main', attempt: 1, name: 'main', argv, environment: {}, workDirectory: '/out', inputs: [] },
  ...{ resources: { cpus: 1, memoryBytes: 2 ** 30 }, ...more },
});

describe('secrets', () => {
  test('leave the job before the engine sees it', async () => {
    const { job, values } = hideSecrets(await open(), { user: 'ada', password: SECRET });
    assert.deepEqual(job, { user: 'ada', password: '(secret:password)' });
    assert.deepEqual(values, { password: SECRET });
  });

  test('are refused where they would be kept with a run’s parameters', async () => {
    const tool = await open();
    assert.throws(
      () => refuseOpenSecrets(tool, { password: SECRET }),
      (error: Error) => {
        return /input password is secret/.test(error.message) && !error.message.includes('hunter');
      },
    );
    refuseOpenSecrets(tool, { password: '(secret:password)' });
  });

  test('reach the command, its variables and its files as they are, whatever the shell would make of them', () => {
    const asked = withSecretVariables(
      request(['printf', '%s|', 'plain word', '(secret:password)', '--pw=(secret:password)'], {
        environment: { PLAIN: 'x', URL: 'http://(secret:password)@host' },
      }),
    );
    assert.ok(!JSON.stringify(asked).includes('hunter'));
    assert.deepEqual(asked.secrets, { HELICASE_SECRET_0: 'password' });
    assert.deepEqual(asked.environment, { PLAIN: 'x' });
    const [program, ...args] = asked.argv as [string, ...string[]];
    const { stdout } = spawnSync(program, args, { env: { HELICASE_SECRET_0: SECRET }, encoding: 'utf8' });
    assert.equal(stdout, `plain word|${SECRET}|--pw=${SECRET}|`);
  });

  test('stay one word in a command of ShellCommandRequirement', () => {
    const { argv } = withSecretVariables(
      request(['/bin/sh', '-c', `printf %s, '(secret:p)' "(secret:p)" (secret:p)`]),
    );
    const [program, ...args] = argv as [string, ...string[]];
    const { stdout } = spawnSync(program, args, { env: { HELICASE_SECRET_0: SECRET }, encoding: 'utf8' });
    assert.equal(stdout, `${SECRET},${SECRET},${SECRET},`);
  });
});
