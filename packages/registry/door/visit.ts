import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Records } from '@helicase/records';
import type { Images } from '../image/images.ts';
import type { Repository } from '../repository/model.ts';
import type { Upstream } from '../upstream.ts';
import type { Route } from './route.ts';

/** A request that its principal may make, of a repository that is there. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  /** The query with its question mark, or ''. */
  readonly search: string;
  readonly repository: Repository;
  readonly upstream: Upstream;
  readonly images: Images;
  readonly records: Records;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}
