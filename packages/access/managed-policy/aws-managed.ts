/**
 * The AWS managed policies that the guide names, and AdministratorAccess for whoever sets an account up. Documents as AWS
 * publishes them (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/), cut to the services that are here.
 */
export interface AwsManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly document: object;
}

const VERSION = '2012-10-17';
const allow = (action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: '*',
  ...more,
});
const policy = (...statements: readonly object[]) => ({ Version: VERSION, Statement: statements });

export const awsManagedPolicies: readonly AwsManagedPolicy[] = [
  {
    name: 'AdministratorAccess',
    path: '/',
    description: 'Provides full access to AWS services and resources.',
    document: policy(allow('*')),
  },
  {
    name: 'AmazonOmicsFullAccess',
    path: '/',
    description: 'Provides full access to Amazon Omics and other AWS services required for its use.',
    document: policy(
      allow('omics:*'),
      allow(['ram:AcceptResourceShareInvitation', 'ram:GetResourceShareInvitations'], {
        Condition: { StringEquals: { 'aws:CalledViaLast': 'omics.amazonaws.com' } },
      }),
      allow('iam:PassRole', {
        Condition: { StringEquals: { 'iam:PassedToService': 'omics.amazonaws.com' } },
      }),
    ),
  },
  {
    name: 'AmazonOmicsReadOnlyAccess',
    path: '/',
    description: 'Provides read only access to Amazon Omics.',
    document: policy(allow(['omics:Get*', 'omics:List*'])),
  },
  {
    name: 'AmazonS3FullAccess',
    path: '/',
    description: 'Provides full access to all buckets.',
    document: policy(allow(['s3:*', 's3-object-lambda:*'])),
  },
  {
    name: 'AmazonEC2ContainerRegistryFullAccess',
    path: '/',
    description: 'Provides administrative access to Amazon ECR resources.',
    document: policy(allow(['ecr:*', 'cloudtrail:LookupEvents'])),
  },
  {
    name: 'AWSLakeFormationDataAdmin',
    path: '/',
    description: 'Grants administrative access to AWS Lake Formation and related services.',
    document: policy(
      allow([
        'lakeformation:*',
        'cloudtrail:DescribeTrails',
        'cloudtrail:LookupEvents',
        'glue:*',
        'iam:ListUsers',
        'iam:ListRoles',
        'iam:GetRole',
        'iam:GetRolePolicy',
      ]),
      { ...allow('lakeformation:PutDataLakeSettings'), Effect: 'Deny' },
    ),
  },
  {
    name: 'ResourceGroupsandTagEditorFullAccess',
    path: '/',
    description: 'Provides full access to Resource Groups and Tag Editor.',
    document: policy(
      allow([
        'tag:getResources',
        'tag:getTagKeys',
        'tag:getTagValues',
        'tag:TagResources',
        'tag:UntagResources',
        'resource-groups:*',
      ]),
    ),
  },
];
