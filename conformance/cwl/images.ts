/**
 * Makes stand-ins for the images that the conformance suites name: one Debian with Python 3 and bash, from
 * `debootstrap`, under each of the names, in an OCI layout. Usage: images.ts FOLDER [MIRROR]
 * Needs root, debootstrap, umoci and skopeo. An OCI layout that is there already is kept.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const NAMES = [
  ...['debian:stretch-slim', 'debian:stable-slim', 'alpine:latest', 'python:2-slim', 'python:3-slim'],
  ...['python:3', 'python:2.7.15-alpine3.7'],
].map((name) => `docker.io/library/${name}`);
/** Those whose entrypoint the suites rely on: options alone are bash's. */
const SHELLS = ['docker.io/library/bash:4.4', 'docker.io/library/bash:4.4.12'];
const ENTRYPOINT = `#!/bin/bash
if [ "$#" -eq 0 ] || [ "\${1#-}" != "$1" ]; then exec bash "$@"; fi
exec "$@"
`;
const PACKAGES = 'python3,python-is-python3';

const [folder, mirror = 'http://deb.debian.org/debian'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: images.ts FOLDER [MIRROR]');
const layout = join(resolve(folder), 'suites');
if (!existsSync(layout)) make(mirror);

function make(from: string): void {
  const work = mkdtempSync(join(tmpdir(), 'conformance-images-'));
  try {
    const root = join(work, 'root');
    must('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', root, from]);
    const image = ['--image', `${work}/base:plain`];
    must('umoci', ['init', '--layout', `${work}/base`]);
    must('umoci', ['new', ...image]);
    must('umoci', ['insert', ...image, root, '/']);
    writeFileSync(join(work, 'entrypoint'), ENTRYPOINT, { mode: 0o755 });
    const shell = ['--image', `${work}/base:shell`];
    must('umoci', ['tag', ...image, 'shell']);
    must('umoci', ['insert', ...shell, join(work, 'entrypoint'), '/usr/local/bin/entrypoint']);
    must('umoci', ['config', ...shell, '--config.entrypoint', '/usr/local/bin/entrypoint']);
    mkdirSync(resolve(folder!), { recursive: true });
    for (const name of NAMES)
      must('skopeo', ['copy', '-q', `oci:${work}/base:plain`, `oci:${layout}:${name}`]);
    for (const name of SHELLS)
      must('skopeo', ['copy', '-q', `oci:${work}/base:shell`, `oci:${layout}:${name}`]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function must(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}
