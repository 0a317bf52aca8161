import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { OmicsClient } from '@aws-sdk/client-omics';
import { S3Client } from '@aws-sdk/client-s3';
import type { StoredCredentials } from '@helicase/server';

/** Unmodified AWS SDK clients, pointed at the server. */
export interface Clients {
  readonly accountId: string;
  readonly region: string;
  readonly omics: OmicsClient;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly athena: AthenaClient;
  readonly logs: CloudWatchLogsClient;
}

export function awsClients(endpoint: string, stored: StoredCredentials): Clients {
  const common = { endpoint, region: stored.region, credentials: stored };
  return {
    accountId: stored.accountId,
    region: stored.region,
    omics: new OmicsClient({ ...common, disableHostPrefix: true }),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    iam: new IAMClient(common),
    athena: new AthenaClient(common),
    logs: new CloudWatchLogsClient(common),
  };
}
