import * as schemas from '@aws-sdk/client-cloudtrail';
import type { LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import { defineOperation, type PageTokens, type Service } from '@helicase/wire';
import type { AuditLog } from './audit-log.ts';
import { lookupEvents } from './lookup-events.ts';

/** CloudTrail over this server's own audit records. */
export function cloudTrailService(audit: AuditLog, pageTokens: PageTokens): Service {
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
        handler: (input, context) => lookupEvents(audit, pageTokens, input, context),
      }),
    ],
    constraints: { LookupEvents: { MaxResults: { min: 1, max: 50 } } },
  };
}
