import { join } from 'node:path';

/**
 * Lays a thin writable layer over the image in a mount namespace of its own and becomes the runtime there: many
 * containers share one unpacked image, and when the last process ends, killed or not, no mount is left on the host.
 * The script is fixed; everything else comes as arguments.
 */
const SCRIPT =
  'mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4" || exit 125; shift 4; exec "$@"';

/** Program and arguments; `command` runs with the layered image at `<bundle>/rootfs`. */
export function overlayRun(image: string, bundle: string, command: readonly string[]): [string, string[]] {
  const paths = [image, join(bundle, 'upper'), join(bundle, 'layer-work')].map(escapeOption);
  const inside = ['/bin/sh', '-c', SCRIPT, 'sh', ...paths, join(bundle, 'rootfs'), ...command];
  return ['unshare', ['--mount', '--propagation', 'private', '--', ...inside]];
}

/** Commas separate mount options and colons separate layers. */
function escapeOption(path: string): string {
  return path.replace(/[\\,:]/g, (character) => `\\${character}`);
}
