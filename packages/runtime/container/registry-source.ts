import { runCommand } from '@helicase/kernel';
import { formatImageReference, type ImageReference } from './image-reference.ts';
import { type ImageSource, ImageUnavailable } from './image-source.ts';

export interface RegistryOptions {
  /** Registries that speak HTTP without TLS: `localhost:5000`. */
  readonly insecure?: readonly string[];
  /** A file as `docker login` and `skopeo login` write it. */
  readonly authFile?: string;
}

/** A registry over the network. Asked at each task for the digest of the name, so that a moved tag is noticed; fetched once per digest. */
export function registrySource(options: RegistryOptions = {}): ImageSource {
  return {
    name: 'its registry',
    async find(reference) {
      const location = `docker://${formatImageReference(reference)}`;
      const args = ['inspect', ...registryArguments(options, reference), '--format', '{{.Digest}}', location];
      const { code, stdout, stderr } = await runCommand('skopeo', args, { timeout: 60_000 });
      if (code !== 0) throw new ImageUnavailable(`the registry answered: ${lastLine(stderr)}`);
      const digest = stdout.trim();
      const copyArguments = registryArguments(options, reference).map((argument) =>
        argument.replace(/^--/, '--src-'),
      );
      return { location, stamp: `registry ${digest}`, digest, copyArguments };
    },
  };
}

function registryArguments(options: RegistryOptions, reference: ImageReference): string[] {
  const insecure = options.insecure?.includes(reference.repository.split('/')[0]!) ?? false;
  return [
    ...(insecure ? ['--tls-verify=false'] : []),
    ...(options.authFile ? [`--authfile=${options.authFile}`] : []),
  ];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
