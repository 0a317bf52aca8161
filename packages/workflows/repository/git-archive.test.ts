import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import type { DefinitionRepository } from '@aws-sdk/client-omics';
import type { Connection } from './connection.ts';
import { archiveRepository, repositoryFault } from './git-archive.ts';

const skip = ['git', 'prlimit'].find((program) => spawnSync(program, ['--version']).error) ?? false;
const connectionArn = 'arn:aws:codeconnections:us-east-1:111122223333:connection/lab';
const TREE = {
  'main.wdl': 'version 1.0\nworkflow W {}\n',
  'README.md': '# W\n',
  'tests/data/one.txt': '1\n',
  '.gitattributes': 'README.md export-ignore\n',
};

describe('the files of a Git repository', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-git-'));
  const work = join(folder, 'work');
  const lab: Connection = { endpoint: `file://${folder}/served`, provider: 'Git' };
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, {
      cwd: work,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const commit = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(work, name, '..'), { recursive: true });
      writeFileSync(join(work, name), text);
    }
    git('add', '.');
    git('-c', 'user.name=lab', '-c', 'user.email=lab@example.org', 'commit', '--quiet', '-m', 'change');
    return git('rev-parse', 'HEAD');
  };
  let first: string;
  before(() => {
    mkdirSync(work, { recursive: true });
    git('init', '--quiet', '--initial-branch', 'main');
    first = commit(TREE);
    git('tag', 'v1');
    git('checkout', '--quiet', '-b', 'next');
    commit({ 'main.wdl': 'version 1.1\nworkflow W {}\n' });
    git('clone', '--quiet', '--bare', '.', join(folder, 'served', 'lab', 'flow.git'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const archive = async (
    members: Partial<DefinitionRepository> = {},
    { connection = lab, limit = 1_000_000 } = {},
  ) => {
    const directory = join(folder, 'clones');
    const signal = new AbortController().signal;
    const repository = { connectionArn, fullRepositoryId: 'lab/flow', ...members };
    try {
      const zip = await archiveRepository({ connection, directory, limit, signal }, repository);
      const files = Object.entries(unzipSync(zip)).filter(([name]) => !name.endsWith('/'));
      return Object.fromEntries(files.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
    } finally {
      assert.deepEqual(readdirSync(directory), [], 'nothing is left of the copy');
    }
  };
  const at = (type: 'BRANCH' | 'TAG' | 'COMMIT', value: string) => ({ sourceReference: { type, value } });

  test('are those of the branch, tag or commit that is named, all of them', async () => {
    assert.deepEqual(await archive(at('BRANCH', 'main')), TREE);
    assert.deepEqual(await archive(at('TAG', 'v1')), TREE);
    assert.deepEqual(await archive(at('COMMIT', first)), TREE);
    const next = { ...TREE, 'main.wdl': 'version 1.1\nworkflow W {}\n' };
    assert.deepEqual(await archive(), next, 'without a reference: of the branch that is checked out');
  });

  test('less those that the patterns exclude', async () => {
    const excludeFilePatterns = ['tests/*', '*.md'];
    assert.deepEqual(Object.keys(await archive({ excludeFilePatterns })).sort(), [
      '.gitattributes',
      'main.wdl',
    ]);
  });

  test('cannot be had where the repository or the reference is not there, or where they are too large', async () => {
    await assert.rejects(archive(at('BRANCH', 'none')), {
      name: 'DefinitionProblem',
      message:
        /^The repository lab\/flow at branch none of .*: fatal: couldn't find remote ref refs\/heads\/none$/,
    });
    await assert.rejects(archive({ fullRepositoryId: 'lab/none' }), /does not appear to be a git repository/);
    await assert.rejects(archive({}, { limit: 300 }), /it has more than 300 bytes\./);
  });

  test('are asked for with the connection’s credentials, and not had without', async () => {
    const login = `Basic ${Buffer.from('robot:secret').toString('base64')}`;
    const server = createServer((request, response) => {
      if (request.headers.authorization === login) void gitHttp(join(folder, 'served'), request, response);
      else response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const robot = { endpoint, provider: 'Git', username: 'robot', password: 'secret' };
      assert.deepEqual(await archive(at('TAG', 'v1'), { connection: robot }), TREE);
      await assert.rejects(
        archive({}, { connection: { endpoint, provider: 'Git' } }),
        /could not read Username/,
      );
    } finally {
      server.close();
    }
  });

  test('are asked for by names that are names alone', () => {
    const fault = (fullRepositoryId: string, members = {}) =>
      repositoryFault({ connectionArn, fullRepositoryId, ...members });
    assert.equal(fault('lab/group/flow'), undefined);
    for (const id of ['lab/../../etc', 'lab/flow?x', 'lab//flow', '/lab/flow', 'lab/flow/']) {
      assert.match(fault(id)!, /is not owner\/name/);
    }
    assert.equal(fault('lab/flow', at('BRANCH', 'feature/one')), undefined);
    assert.match(fault('lab/flow', at('BRANCH', 'a:b'))!, /cannot be the name of a branch/);
    assert.match(fault('lab/flow', at('COMMIT', 'abc'))!, /not the whole id of a commit/);
  });
});

/** Git's own server program over HTTP. */
async function gitHttp(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url!, 'http://git');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...{ PATH: process.env['PATH'], GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1' },
      ...{ PATH_INFO: pathname, QUERY_STRING: String(searchParams), REQUEST_METHOD: request.method },
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
    },
  });
  request.pipe(child.stdin);
  const answer = await buffer(child.stdout);
  const end = answer.indexOf('\r\n\r\n');
  for (const line of answer.subarray(0, end).toString().split('\r\n')) {
    const [name, value] = line.split(': ') as [string, string];
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(answer.subarray(end + 4));
}
