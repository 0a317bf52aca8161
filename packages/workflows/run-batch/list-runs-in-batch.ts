import type {
  ListRunsInBatchRequest,
  ListRunsInBatchResponse,
  RunBatchListItem,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { OperationContext, PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { runArn } from '../run/model.ts';
import { type BatchItem, listItems } from './batch-item.ts';
import type { RunBatchJobOptions } from './jobs.ts';

const PAGE = 10;
const FILTERS = ['submissionStatus', 'runSettingId', 'runId'] as const;

/** The batch's runs in the order of their settings. */
export async function listRunsInBatch(
  { pageTokens, records, runBatches }: RunBatchJobOptions & { readonly pageTokens: PageTokens },
  input: ListRunsInBatchRequest,
  { scope }: OperationContext,
): Promise<ListRunsInBatchResponse> {
  const { batchId, maxItems = PAGE, runId, runSettingId: settingId, startingToken } = input;
  if (!(await runBatches.find(records.direct, scope, batchId!)))
    throw errors.runBatchNotFound({ id: batchId! });
  const given = FILTERS.filter((name) => input[name] !== undefined);
  if (given.length > 1) throw errors.oneFilter({ members: given.join(' and ') });
  const filter = { status: input.submissionStatus, settingId, runId };
  const binding = { scope, operation: 'ListRunsInBatch', filter: { batchId, ...filter } };
  const [after] = startingToken === undefined ? [] : pageTokens.read(binding, startingToken);
  const found = await listItems(
    records.direct,
    { scope, id: batchId! },
    { ...filter, ...(after === undefined ? {} : { after: Number(after) }) },
    maxItems + 1,
  );
  const items = found.slice(0, maxItems);
  const nextToken = found.length > maxItems ? pageTokens.issue(binding, [items.at(-1)!.position]) : undefined;
  return { runs: items.map((item) => toListItem(scope, item)), nextToken };
}

function toListItem(scope: Scope, item: BatchItem): RunBatchListItem {
  const { cancel, failure, run, setting, start } = item;
  return {
    runSettingId: setting.runSettingId,
    runId: run?.id,
    runInternalUuid: run?.uuid,
    runArn: run && runArn(scope, run.id),
    submissionStatus: item.delete ?? cancel ?? start,
    submissionFailureReason: failure?.reason,
    submissionFailureMessage: failure?.message,
  };
}
