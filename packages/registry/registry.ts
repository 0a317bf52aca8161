import * as schemas from '@aws-sdk/client-ecr';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyRing } from '@helicase/blobs';
import type { Clock, Ids, Log } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { ImageSource } from '@helicase/runtime';
import type { Authorizer, PageTokens, RequestObserver, Service } from '@helicase/wire';
import { ecrConstraints } from './constraints.ts';
import { createDoor } from './door/door.ts';
import { Images } from './image/images.ts';
import { imageTable, imageTagTable } from './image/model.ts';
import { imageOperations } from './image/operations.ts';
import { ecrSource, type ImageSourcePorts } from './image-source.ts';
import { loginOperation } from './login-operation.ts';
import { LoginTokens } from './login-tokens.ts';
import { repositoryTable } from './repository/model.ts';
import { repositoryOperations } from './repository/operations.ts';
import { type PolicyPorts, policyOperations } from './repository/policy-operations.ts';
import { tagOperations } from './repository/tag-operations.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

export interface RegistryOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly authorizer: Authorizer;
  readonly policyFault: PolicyPorts['policyFault'];
  readonly serviceMay: ImageSourcePorts['serviceMay'];
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The OCI registry behind; without it there are no repositories. */
  readonly upstream?: UpstreamOptions;
  /** A folder of this room alone. */
  readonly directory: string;
}

export interface Registry {
  readonly ecr: Service;
  /** Answers what docker asks below `/v2/`. */
  door(
    observers: readonly RequestObserver[],
  ): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Images of runs by their ECR names; none where there is no registry behind. */
  readonly imageSources: readonly ImageSource[];
}

/** Declares this room's tables (before `records.open`) and gives its face. */
export function createRegistry(options: RegistryOptions): Registry {
  const { log, records } = options;
  const repositories = repositoryTable(records);
  const tables = { images: imageTable(records), tags: imageTagTable(records) };
  const images = new Images({ ...options, ...tables, repositories });
  const upstream = options.upstream && new Upstream(options.upstream);
  const tokens = new LoginTokens(options);
  const ports = { ...options, repositories, images, upstream };
  return {
    ecr: {
      ...{ name: 'ecr', protocol: 'awsJson1_1', schemas, constraints: ecrConstraints },
      operations: [
        ...repositoryOperations(ports),
        ...policyOperations(ports),
        ...tagOperations(ports),
        ...imageOperations(ports),
        loginOperation(tokens),
      ],
    },
    door: (observers) => createDoor({ ...ports, tokens, observers, log }),
    imageSources: upstream ? [ecrSource({ ...ports, upstream })] : [],
  };
}
