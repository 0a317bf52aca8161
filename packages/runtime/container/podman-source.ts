import { runCommand } from '@helicase/kernel';
import { formatImageReference } from './image-reference.ts';
import type { ImageSource } from './image-source.ts';

/** Images that podman has on this machine, built or pulled by the user. */
export function podmanSource(): ImageSource {
  return {
    name: "podman's images",
    async find(reference) {
      const name = formatImageReference(reference);
      const args = ['image', 'inspect', '--format', '{{.Id}} {{.Digest}}', name];
      // Without podman there are no images of podman.
      const result = await runCommand('podman', args, { timeout: 30_000 }).catch(() => undefined);
      if (result?.code !== 0) return undefined;
      const [id, digest] = result.stdout.trim().split(' ');
      return {
        location: `containers-storage:${name}`,
        stamp: `podman ${id}`,
        ...(digest?.startsWith('sha256:') ? { digest } : {}),
      };
    },
  };
}
