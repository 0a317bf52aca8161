import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '@helicase/kernel';

export const BUSYBOX = '/bin/busybox';
const APPLETS = [
  'sh',
  'cat',
  'cp',
  'echo',
  'env',
  'find',
  'grep',
  'head',
  'id',
  'ls',
  'mount',
  'rm',
  'sleep',
  'tail',
  'touch',
  'true',
  'unshare',
];

/**
 * Makes an OCI image of busybox with skopeo's and umoci's own means: `<folder>/layout` with the tag `made`. `add` puts
 * further files into its root. Answers its manifest's digest.
 */
export async function makeBusyboxImage(
  folder: string,
  user?: string,
  add: (root: string) => void = () => {},
): Promise<string> {
  const root = join(folder, 'root');
  for (const name of ['bin', 'etc', 'proc', 'dev', 'tmp', 'secret'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
  // Languages ask for bash; busybox is not called so.
  writeFileSync(join(root, 'bin/bash'), '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nanalyst:x:2001:2002::/:/bin/sh\n');
  writeFileSync(join(root, 'secret/key'), 'root only\n');
  chmodSync(join(root, 'secret'), 0o700);
  add(root);
  const layout = join(folder, 'layout');
  const image = ['--image', `${layout}:made`];
  await must('umoci', ['init', '--layout', layout]);
  await must('umoci', ['new', ...image]);
  await must('umoci', ['insert', ...image, root, '/']);
  await must('umoci', [
    'config',
    ...image,
    '--config.env',
    'REFERENCE=GRCh38',
    ...(user ? ['--config.user', user] : []),
  ]);
  return (await must('skopeo', ['inspect', '--format', '{{.Digest}}', `oci:${layout}:made`])).trim();
}

export async function must(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
