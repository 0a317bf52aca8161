import type { Actor } from '@helicase/kernel';
import type { StartFault } from '../task.ts';
import type { ImageReference } from './image-reference.ts';

/** An image that a source has, in the words of skopeo's transports. */
export interface FoundImage {
  /** `oci:/path:name`, `docker-archive:/path:name`, `containers-storage:name`, `docker://name`. */
  readonly location: string;
  /** Changes when the image does: what was unpacked under another stamp is looked at again. */
  readonly stamp: string;
  /** The digest by which the source knows it, where it does. */
  readonly digest?: string;
  /** What `skopeo copy` needs to be told besides. */
  readonly copyArguments?: readonly string[];
}

/** A place where images come from; asked in turn. */
export interface ImageSource {
  readonly name: string;
  /**
   * Folders, podman's storage and registries are asked with the operator's own rights, so today's sources need no actor;
   * a registry that knows the account's permissions does.
   */
  find(reference: ImageReference, actor: Actor): Promise<FoundImage | undefined>;
}

/** The image cannot be had; the message says where it was looked for and what to do. */
export class ImageUnavailable extends Error {
  override name = 'ImageUnavailable';
  readonly fault: Extract<StartFault, 'image' | 'image-name'>;

  constructor(message: string, fault: ImageUnavailable['fault'] = 'image') {
    super(message);
    this.fault = fault;
  }
}

/** The image is there and the actor may not have it: no other source is asked, so that none gives it all the same. */
export class ImageDenied extends ImageUnavailable {
  override name = 'ImageDenied';
}
