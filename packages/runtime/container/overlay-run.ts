import { BUNDLE, type Bundle } from './bundle.ts';

/**
 * Lays a thin writable layer over the image in a mount namespace of its own and runs the runtime there: many
 * containers share one unpacked image, and when the last process ends, killed or not, no mount is left on the host.
 *
 * This shell is the container's supervisor. It outlives the server, so that a container is found again: as long as it
 * lives it holds the lock (the runtime does not inherit it), and the exit code is on the disk before the lock is free.
 * Whoever revoked the bundle did so under the same lock, so that nothing starts afterwards. The script is fixed;
 * everything else comes as arguments.
 */
const SCRIPT = `
b=$1; shift
exec 3<>"$b/${BUNDLE.lock}" && flock -n 3 || exit 125
[ ! -e "$b/${BUNDLE.revoked}" ] || exit 125
echo $$ > "$b/${BUNDLE.supervisor}"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$b/${BUNDLE.rootfs}" && shift 3 && "$@" 3>&-
code=$?
echo "$code" > "$b/${BUNDLE.exit}.new" && sync "$b/${BUNDLE.exit}.new" && mv "$b/${BUNDLE.exit}.new" "$b/${BUNDLE.exit}"
exit $code
`;

/** Program and arguments; `command` runs with the layered image at the bundle's root file system. */
export function overlayRun(image: string, bundle: Bundle, command: readonly string[]): [string, string[]] {
  const paths = [image, bundle.upper, bundle.layerWork].map(escapeOption);
  const inside = ['/bin/sh', '-c', SCRIPT, 'sh', bundle.directory, ...paths, ...command];
  return ['unshare', ['--mount', '--propagation', 'private', '--', ...inside]];
}

/** Commas separate mount options and colons separate layers. */
function escapeOption(path: string): string {
  return path.replace(/[\\,:]/g, (character) => `\\${character}`);
}
