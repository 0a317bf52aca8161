/**
 * Makes sure of the Debian packages that a command needs: installs what is missing where it may (root, or sudo
 * without a password), else prints the exact command and ends with status 1.
 * Usage: system-packages.ts [demo|test]   (everything where neither is named)
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Need {
  readonly debianPackage: string;
  /** Present where this program is on the path, or this file exists. */
  readonly evidence: string;
}

const SERVE: readonly Need[] = [
  { debianPackage: 'samtools', evidence: 'samtools' },
  { debianPackage: 'bcftools', evidence: 'bcftools' },
  { debianPackage: 'tabix', evidence: 'bgzip' },
  { debianPackage: 'bubblewrap', evidence: 'bwrap' },
  // The one-pass reader on htslib is compiled on first use; without it the samtools pipeline serves.
  { debianPackage: 'gcc', evidence: 'gcc' },
  { debianPackage: 'libc6-dev', evidence: '/usr/include/stdio.h' },
  { debianPackage: 'libhts-dev', evidence: '/usr/include/htslib/sam.h' },
  { debianPackage: 'zlib1g-dev', evidence: '/usr/include/zlib.h' },
];
const DEMO: readonly Need[] = [...SERVE, { debianPackage: 'minimap2', evidence: 'minimap2' }];
const TEST: readonly Need[] = [
  ...DEMO,
  { debianPackage: 'runc', evidence: 'runc' },
  { debianPackage: 'umoci', evidence: 'umoci' },
  { debianPackage: 'skopeo', evidence: 'skopeo' },
  { debianPackage: 'docker-registry', evidence: 'docker-registry' },
  { debianPackage: 'git', evidence: 'git' },
  { debianPackage: 'busybox-static', evidence: 'busybox' },
  { debianPackage: 'postgresql', evidence: '/usr/lib/postgresql' },
];

/** Programs of Debian's that live where an unprivileged user's path may not lead. */
const SEARCH = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

function present(need: Need): boolean {
  if (need.evidence.startsWith('/')) return existsSync(need.evidence);
  return SEARCH.some((folder) => {
    try {
      accessSync(join(folder, need.evidence), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder: the next one may have it
    }
  });
}

/** The words before `apt-get` that let this user install, or undefined where nothing does. */
function privilege(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function apt(before: readonly string[], args: readonly string[]): boolean {
  const [program, ...rest] = [
    ...before,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-y',
    ...args,
  ];
  const run = spawnSync(program!, rest, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 900_000 });
  return run.status === 0;
}

function main(purpose: string | undefined): number {
  const needs = purpose === 'demo' ? DEMO : TEST;
  const missing = needs.filter((need) => !present(need)).map((need) => need.debianPackage);
  if (missing.length === 0) return 0;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const before =
    spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0 ? privilege() : undefined;
  if (!before) {
    console.error(`Helicase needs system packages that are not installed. As root:\n\n  ${command}\n`);
    return 1;
  }
  console.log(`Installing system packages: ${missing.join(' ')}`);
  if (apt(before, ['update']) && apt(before, ['install', '--no-install-recommends', ...missing])) return 0;
  console.error(`Installing failed. As root, by hand:\n\n  ${command}\n`);
  return 1;
}

process.exitCode = main(process.argv[2]);
