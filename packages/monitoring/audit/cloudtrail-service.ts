import * as schemas from '@aws-sdk/client-cloudtrail';
import type { LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import { defineOperation, type Service } from '@helicase/wire';
import { selectorOperations } from '../trail/selector-operations.ts';
import { trailTagOperations } from '../trail/tag-operations.ts';
import { trailOperations } from '../trail/trail-operations.ts';
import type { TrailRoom } from '../trail/trail-room.ts';
import { lookupEvents } from './lookup-events.ts';

/** CloudTrail over this server's own audit records. */
export function cloudTrailService(room: TrailRoom): Service {
  return {
    name: 'cloudtrail',
    protocol: 'awsJson1_1',
    schemas,
    operations: [
      defineOperation<LookupEventsRequest, LookupEventsResponse>({
        name: 'LookupEvents',
        action: 'cloudtrail:LookupEvents',
        resources: () => ['*'],
        readOnly: true,
        quota: 'cloudtrail-lookup',
        handler: (input, context) => lookupEvents(room.audit, room.pageTokens, input, context),
      }),
      ...trailOperations(room),
      ...selectorOperations(room),
      ...trailTagOperations(room.records.tagged),
    ],
    constraints: { LookupEvents: { MaxResults: { min: 1, max: 50 } } },
  };
}
