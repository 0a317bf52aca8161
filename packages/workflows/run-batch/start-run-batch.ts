import type { InlineSetting, StartRunBatchRequest, StartRunBatchResponse } from '@aws-sdk/client-omics';
import { parseS3Uri } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import type { OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { findSetting } from '../run/start-run.ts';
import { requireOwner } from '../workflow/bucket-owner.ts';
import { addItems } from './batch-item.ts';
import { runRequest } from './batch-run.ts';
import { type RunBatchJobOptions, SUBMIT_JOB } from './jobs.ts';
import { runBatchArn, type RunBatchDoc } from './model.ts';
import { SETTINGS_FILE_BYTES } from './settings-file.ts';

/** "Validates common fields synchronously and returns immediately with a batch ID and status CREATING." */
export async function startRunBatch(
  options: RunBatchJobOptions,
  input: StartRunBatchRequest,
  context: OperationContext,
): Promise<StartRunBatchResponse> {
  const { principal, scope } = context;
  const defaults = input.defaultRunSetting!;
  const { outputBucketOwnerId: owner, outputUri } = defaults;
  if (outputUri !== undefined && !parseS3Uri(outputUri)) throw errors.outputUriForm({ uri: outputUri });
  if (outputUri !== undefined && owner !== undefined)
    await requireOwner(options.objects, context, outputUri, owner);
  const setting = await findSetting(options, runRequest(defaults, {}), context);
  const { inlineSettings, s3UriSettings } = input.batchRunSettings as {
    readonly inlineSettings?: readonly InlineSetting[];
    readonly s3UriSettings?: string;
  };
  if ((inlineSettings === undefined) === (s3UriSettings === undefined)) throw errors.batchSettingsMissing({});
  if (inlineSettings) requireDistinct(inlineSettings);
  const settingsFile =
    s3UriSettings === undefined ? undefined : await headSettings(options, setting.role, s3UriSettings);
  const id = options.ids.numeric();
  const doc: RunBatchDoc = {
    ...{ uuid: options.ids.uuid(), tags: input.tags ?? {}, defaults, startedBy: principal.arn },
    ...given({ name: input.batchName, settingsFile, totalRuns: inlineSettings?.length }),
  };
  const { tags, uuid } = doc;
  const answer = { id, arn: runBatchArn(scope, id), status: 'CREATING' as const, uuid, tags: { ...tags } };
  await options.records.transaction(async (tx) => {
    await options.runBatches.insert(tx, { scope, id, status: 'CREATING', doc });
    if (inlineSettings) await addItems(tx, { scope, id }, 0, inlineSettings);
    await options.records.jobs.enqueue(tx, { actor: setting.role, kind: SUBMIT_JOB, subject: id, input: {} });
    await context.remember?.(tx, answer);
  });
  return answer;
}

function requireDistinct(settings: readonly InlineSetting[]): void {
  const seen = new Set<string>();
  for (const { runSettingId: id } of settings) {
    if (seen.has(id!)) throw errors.batchSettingsWrong({ problem: `runSettingId "${id}" occurs twice.` });
    seen.add(id!);
  }
}

/** "The IAM service role in roleArn must have read access to this S3 object." */
async function headSettings(
  { objects }: RunBatchJobOptions,
  role: Actor,
  uri: string,
): Promise<Required<RunBatchDoc>['settingsFile']> {
  const refuse = (why: string) => errors.batchSettingsUnreadable({ uri, why });
  if (!parseS3Uri(uri)?.key) throw refuse('it is not an S3 URI of an object (s3://bucket/key)');
  try {
    const { etag, size } = await objects.head(role, uri);
    if (size <= SETTINGS_FILE_BYTES) return { uri, etag };
    throw refuse(`it has ${size} bytes, and at most ${SETTINGS_FILE_BYTES} are allowed`);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status >= 500) throw error;
    throw error.key === 'batchSettingsUnreadable' ? error : refuse(error.message);
  }
}
