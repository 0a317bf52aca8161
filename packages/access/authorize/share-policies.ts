import { omicsArn, parseArn, type Scope, type SharedResources } from '@helicase/kernel';

/** What a subscriber may do with a workflow. Its export is not among it, which the workflow's room refuses. */
const WORKFLOW_ACTIONS = [
  'omics:GetWorkflow',
  'omics:GetWorkflowVersion',
  'omics:ListWorkflowVersions',
  'omics:StartRun',
  'omics:StartRunBatch',
];

/**
 * Shares in force, each as the policy of a resource that lets the subscriber's account use it: "share your data with
 * collaborators without adding IAM resource share policies". What the subscriber's own policies say still counts.
 */
export async function sharePolicies(
  shares: SharedResources,
  scope: Scope,
  resources: readonly string[],
): Promise<readonly string[]> {
  const foreign = resources.map((resource) => foreignWorkflow(scope, resource));
  const texts: string[] = [];
  for (const arn of new Set(foreign.filter((each) => each !== undefined)))
    if (await shares.isShared(scope, arn)) texts.push(policyText(scope.account, arn));
  return texts;
}

/** The workflow that an ARN names, itself or one of its versions, where it is another account's. */
function foreignWorkflow({ account }: Scope, resource: string): string | undefined {
  const arn = parseArn(resource);
  if (arn?.service !== 'omics' || arn.account === account) return undefined;
  const [, id] = /^workflow\/(\d+)(?:\/|$)/.exec(arn.resource) ?? [];
  return id === undefined ? undefined : omicsArn(arn, `workflow/${id}`);
}

function policyText(account: string, arn: string): string {
  const statement = {
    Sid: 'Share',
    Effect: 'Allow',
    Principal: { AWS: account },
    Action: WORKFLOW_ACTIONS,
    Resource: [arn, `${arn}/*`],
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
