import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';

/** HealthOmics may assume the role: the guide's trust policy ("Service roles for AWS HealthOmics"). */
export const JOB_TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'omics.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** What jobs on one bucket need: the guide's "Example Service role", with the bucket filled in. */
export function jobPolicy(bucket: string): string {
  const allow = (Action: readonly string[], ...Resource: readonly string[]) => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow(['s3:GetObject', 's3:PutObject'], `arn:aws:s3:::${bucket}/*`),
      allow(['s3:ListBucket', 's3:GetBucketLocation'], `arn:aws:s3:::${bucket}`),
      allow(['omics:*'], 'arn:aws:omics:*:*:referenceStore/*', 'arn:aws:omics:*:*:sequenceStore/*'),
      allow(
        ['logs:DescribeLogStreams', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        'arn:aws:logs:*:*:log-group:/aws/omics/WorkflowLog:log-stream:*',
      ),
      allow(['logs:CreateLogGroup'], 'arn:aws:logs:*:*:log-group:/aws/omics/WorkflowLog:*'),
      allow(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], '*'),
    ],
  });
}

/** A role that jobs on this bucket can act as; its ARN. */
export async function createJobRole(iam: IAMClient, name: string, bucket: string): Promise<string> {
  const made = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JOB_TRUST }));
  const policy = { RoleName: name, PolicyName: 'jobs', PolicyDocument: jobPolicy(bucket) };
  await iam.send(new PutRolePolicyCommand(policy));
  return made.Role!.Arn!;
}
