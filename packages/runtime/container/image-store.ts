import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Actor, runCommand } from '@helicase/kernel';
import { errorCode } from '../cgroup/files.ts';
import {
  formatImageReference,
  type ImageReference,
  mapRegistry,
  parseImageReference,
  type RegistryMap,
} from './image-reference.ts';
import { type FoundImage, ImageDenied, type ImageSource, ImageUnavailable } from './image-source.ts';

export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
}

/** An image whose root file system lies unpacked on this machine. Never changed once it is there. */
export interface LocalImage {
  /** `sha256:...` as its source knows it. */
  readonly digest: string;
  readonly rootfs: string;
  readonly config: ImageConfig;
}

export interface ImageStoreOptions {
  /** Unpacked images, by digest. */
  readonly directory: string;
  /** Asked in turn; registries last. */
  readonly sources: readonly ImageSource[];
  readonly registryMap?: RegistryMap;
}

interface Remembered {
  readonly stamp: string;
  readonly digest: string;
  readonly unpacked: string;
}

const UNPACK_MILLISECONDS = 60 * 60_000;

export class ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #underWay = new Map<string, Promise<LocalImage>>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** The image, fetched and unpacked where it was not yet, in the actor's name. Throws ImageUnavailable. */
  resolve(actor: Actor, name: string): Promise<LocalImage> {
    const key = `${actor.principal.arn} ${name}`;
    const known = this.#underWay.get(key);
    if (known) return known;
    const resolving = this.#resolve(actor, name).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, resolving);
    return resolving;
  }

  /** Why the image cannot be had, looked for but not fetched; undefined where it is there. */
  async problem(actor: Actor, name: string): Promise<string | undefined> {
    const reference = parseImageReference(name);
    if (!reference) return `${JSON.stringify(name)} is not the name of an image.`;
    try {
      await this.#find(actor, name, reference);
      return undefined;
    } catch (error) {
      if (error instanceof ImageUnavailable) return error.message;
      throw error;
    }
  }

  /** Removes what was unpacked in part. Only while no other server uses the folder. */
  async removeUnfinished(): Promise<void> {
    const names = await readdir(this.#options.directory).catch(() => []);
    const unfinished = names.filter((name) => name.startsWith('new-'));
    for (const name of unfinished)
      await rm(join(this.#options.directory, name), { recursive: true, force: true });
  }

  async #resolve(actor: Actor, name: string): Promise<LocalImage> {
    const reference = parseImageReference(name);
    if (!reference)
      throw new ImageUnavailable(`${JSON.stringify(name)} is not the name of an image.`, 'image-name');
    const found = await this.#find(actor, name, reference);
    const remembered = await this.#remembered(reference);
    const image = remembered?.stamp === found.stamp ? await this.#load(remembered) : undefined;
    return image ?? (await this.#fetch(name, reference, found));
  }

  async #find(actor: Actor, name: string, reference: ImageReference): Promise<FoundImage> {
    const mapped = mapRegistry(reference, this.#options.registryMap ?? {});
    const asked = mapped === reference ? [reference] : [reference, mapped];
    const reasons: string[] = [];
    for (const source of this.#options.sources) {
      for (const candidate of asked) {
        const found = await this.#ask(source, { actor, reference: candidate }, reasons);
        if (found) return found;
      }
    }
    const places = this.#options.sources.map((source) => source.name).join(', ');
    throw new ImageUnavailable(
      `The image ${name} was not found in ${places}.${reasons.map((reason) => ` ${capital(reason)}.`).join('')} ` +
        `Put it there with: podman pull ${formatImageReference(mapped)}, or skopeo copy docker://${formatImageReference(mapped)} ` +
        `docker-archive:FOLDER/image.tar:${formatImageReference(reference)} on a machine that can reach its registry.`,
    );
  }

  async #ask(
    source: ImageSource,
    { actor, reference }: { readonly actor: Actor; readonly reference: ImageReference },
    reasons: string[],
  ): Promise<FoundImage | undefined> {
    try {
      return await source.find(reference, actor);
    } catch (error) {
      if (!(error instanceof ImageUnavailable) || error instanceof ImageDenied) throw error;
      reasons.push(error.message);
      return undefined;
    }
  }

  async #remembered(reference: ImageReference): Promise<Remembered | undefined> {
    const text = await readIfThere(this.#memory(reference));
    return text === undefined ? undefined : (JSON.parse(text) as Remembered);
  }

  async #load(remembered: Remembered): Promise<LocalImage | undefined> {
    const text = await readIfThere(join(remembered.unpacked, 'image.json'));
    if (text === undefined) return undefined;
    const config = JSON.parse(text) as ImageConfig;
    return { digest: remembered.digest, rootfs: join(remembered.unpacked, 'rootfs'), config };
  }

  /** Everything happens in a folder of its own, that gets its name when it is whole. */
  async #fetch(name: string, reference: ImageReference, found: FoundImage): Promise<LocalImage> {
    const making = join(this.#options.directory, `new-${randomUUID()}`);
    await mkdir(making, { recursive: true, mode: 0o700 });
    try {
      const manifest = await this.#unpack(name, found, making);
      const unpacked = join(this.#options.directory, manifest.slice('sha256:'.length));
      await publish(join(making, 'bundle'), unpacked);
      const remembered = { stamp: found.stamp, digest: found.digest ?? manifest, unpacked };
      await this.#remember(reference, remembered);
      return (await this.#load(remembered))!;
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }

  /** Answers the digest of the manifest. */
  async #unpack(name: string, found: FoundImage, making: string): Promise<string> {
    const layout = join(making, 'layout');
    await must(name, 'skopeo', [
      'copy',
      '--quiet',
      ...(found.copyArguments ?? []),
      found.location,
      `oci:${layout}:image`,
    ]);
    await must(name, 'umoci', ['unpack', '--image', `${layout}:image`, join(making, 'bundle')]);
    const { manifest, config } = await readConfig(layout);
    await writeFile(join(making, 'bundle', 'image.json'), JSON.stringify(config));
    return manifest;
  }

  async #remember(reference: ImageReference, remembered: Remembered): Promise<void> {
    const path = this.#memory(reference);
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, JSON.stringify(remembered));
    await rename(temporary, path);
  }

  #memory(reference: ImageReference): string {
    const key = createHash('sha256').update(formatImageReference(reference)).digest('hex');
    return join(this.#options.directory, `name-${key}.json`);
  }
}

async function readConfig(layout: string): Promise<{ manifest: string; config: ImageConfig }> {
  const blob = async (digest: string) => {
    const path = join(layout, 'blobs', digest.replace(':', '/'));
    return JSON.parse(await readFile(path, 'utf8')) as { config: { digest: string } & ImageConfig };
  };
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  const manifest = index.manifests[0]!.digest;
  const image = await blob((await blob(manifest)).config.digest);
  const { Cmd, Entrypoint, Env, User } = image.config ?? {};
  // Members that an image leaves out may be null.
  const config = { Env: Env ?? [], User: User ?? '', Entrypoint: Entrypoint ?? [], Cmd: Cmd ?? [] };
  return { manifest, config };
}

/** Another one may have unpacked the same image meanwhile: then theirs stands. */
async function publish(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  }
}

async function must(name: string, program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(program, args, { timeout: UNPACK_MILLISECONDS });
  if (code === 0) return;
  throw new ImageUnavailable(
    `The image ${name} could not be unpacked (${program}): ${stderr.trim().split('\n').at(-1)}`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
