import { fileURLToPath } from 'node:url';
import { buildProgram, type BuildOptions, type Log } from '@helicase/kernel';

const LAUNCHER = {
  name: 'launcher',
  folder: fileURLToPath(new URL('../native/', import.meta.url)),
  flags: ['-std=gnu11', '-O2'],
  libraries: [],
};

/** The path of the compiled launcher; undefined where it cannot be built: a shell starts tasks then, more slowly. */
export async function buildLauncher({
  log,
  ...options
}: BuildOptions & { readonly log: Log }): Promise<string | undefined> {
  // Without shared libraries it forks faster; not every system has the C library in that form.
  const alone = await buildProgram({ ...LAUNCHER, flags: [...LAUNCHER.flags, '-static'] }, options);
  const built = 'path' in alone ? alone : await buildProgram(LAUNCHER, options);
  if ('path' in built) return built.path;
  log.warn(
    { failure: built.failure },
    'The launcher could not be compiled, small tasks start more slowly through a shell. Install gcc and libc6-dev to mend it.',
  );
  return undefined;
}
