import { allow, deny } from './documents.ts';
import type { PolicyKind } from '../policy/index.ts';

/** Somebody asks to do this: what the printed policy says of it. */
export interface GuideCase {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** One policy of the guide. */
export interface GuidePolicy {
  /** Chapter, as the guide heads it. */
  readonly chapter: string;
  readonly kind: PolicyKind;
  readonly statements: readonly object[];
  /** `2012-10-17` unless told; '' where the guide prints none. */
  readonly version?: string;
  /** What was changed so that IAM takes it. */
  readonly mended: readonly string[];
  readonly permits: readonly GuideCase[];
  readonly refuses: readonly GuideCase[];
}

const OMICS = 'arn:aws:omics:us-west-2:123456789012';
const LOGS = 'arn:aws:logs:us-west-2:123456789012:log-group:/aws/omics/WorkflowLog';
const STREAM = `${LOGS}:log-stream:run/1`;
const WRAPPED = 'the ARN that is wrapped after "/aws/omics/" is one line';
const FRAME = 'brackets that the printed page breaks in two are closed';

const readObjects = (bucket: string) => allow('s3:GetObject', { Resource: `arn:aws:s3:::${bucket}/*` });
const listBucket = (bucket: string) => allow('s3:ListBucket', { Resource: `arn:aws:s3:::${bucket}` });
const putObjects = (bucket: string) => allow('s3:PutObject', { Resource: `arn:aws:s3:::${bucket}/*` });
const writeLogs = allow(['logs:DescribeLogStreams', 'logs:CreateLogStream', 'logs:PutLogEvents'], {
  Resource: `${LOGS}:log-stream:*`,
});
const createLogGroup = allow('logs:CreateLogGroup', { Resource: `${LOGS}:*` });
const pullImages = allow(
  ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
  {
    Resource: 'arn:aws:ecr:us-west-2:123456789012:repository/*',
  },
);
const passRole = allow('iam:PassRole', {
  Condition: { StringEquals: { 'iam:PassedToService': 'omics.amazonaws.com' } },
});
const at = (action: string, resource = '*', context?: GuideCase['context']): GuideCase => ({
  action,
  resource,
  ...(context ? { context } : {}),
});
const passing = (service: string) =>
  at('iam:PassRole', 'arn:aws:iam::123456789012:role/r', { 'iam:PassedToService': service });

const runOutputs: Pick<GuidePolicy, 'permits' | 'refuses'> = {
  permits: [
    at('s3:GetObject', 'arn:aws:s3:::doc-example-bucket1/a/b'),
    at('s3:ListBucket', 'arn:aws:s3:::doc-example-bucket1'),
    at('s3:PutObject', 'arn:aws:s3:::doc-example-bucket2/out/x'),
    at('logs:PutLogEvents', STREAM),
    at('logs:CreateLogGroup', `${LOGS}:`),
    at('ecr:BatchGetImage', 'arn:aws:ecr:us-west-2:123456789012:repository/tools'),
  ],
  refuses: [
    at('s3:PutObject', 'arn:aws:s3:::doc-example-bucket1/a'),
    at('s3:GetObject', 'arn:aws:s3:::doc-example-bucket10/a'),
    at('s3:DeleteObject', 'arn:aws:s3:::doc-example-bucket2/out/x'),
    at('s3:ListBucket', 'arn:aws:s3:::doc-example-bucket2'),
    at('logs:PutLogEvents', 'arn:aws:logs:us-west-2:123456789012:log-group:/other:log-stream:x'),
    at('logs:DeleteLogGroup', `${LOGS}:`),
    at('ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:123456789012:repository/tools'),
    at('ecr:PutImage', 'arn:aws:ecr:us-west-2:123456789012:repository/tools'),
  ],
};

/** Every policy that the guide prints, in its order. Angle-bracketed and curly placeholders are filled in. */
export const guidePolicies: readonly GuidePolicy[] = [
  {
    chapter: 'Identity-based policies for users: Example User policy',
    kind: 'identity',
    statements: [allow(['omics:*']), passRole],
    mended: [],
    permits: [
      at('omics:StartRun', `${OMICS}:workflow/1`),
      at('omics:ListRuns'),
      passing('omics.amazonaws.com'),
    ],
    refuses: [
      passing('ec2.amazonaws.com'),
      at('iam:PassRole', 'arn:aws:iam::123456789012:role/r'),
      at('s3:GetObject', 'arn:aws:s3:::b/k'),
    ],
  },
  {
    chapter: 'Sample IAM policies: Example Service role',
    kind: 'identity',
    statements: [
      allow(['s3:GetObject', 's3:PutObject'], { Resource: ['arn:aws:s3:::my-bucket/*'] }),
      allow(['omics:*'], { Resource: [`${OMICS}:referenceStore/*`] }),
      listBucket('my-bucket'),
      writeLogs,
      createLogGroup,
    ],
    mended: [WRAPPED, FRAME],
    permits: [
      at('s3:PutObject', 'arn:aws:s3:::my-bucket/x'),
      at('omics:GetReference', `${OMICS}:referenceStore/1/reference/2`),
      at('logs:CreateLogStream', STREAM),
    ],
    refuses: [
      at('omics:GetReadSet', `${OMICS}:sequenceStore/1/readSet/2`),
      at('omics:GetReference', 'arn:aws:omics:us-west-2:210987654321:referenceStore/1/reference/2'),
      at('s3:PutObject', 'arn:aws:s3:::my-bucket-2/x'),
    ],
  },
  {
    chapter: 'Sample CloudFormation templates: service role',
    kind: 'identity',
    statements: [
      allow(['omics:*'], { Resource: `${OMICS}:referenceStore/*` }),
      listBucket('omics-data'),
      allow(['s3:GetObject', 's3:PutObject'], { Resource: 'arn:aws:s3:::omics-data/*' }),
      writeLogs,
      createLogGroup,
    ],
    mended: ['"loggroup" in the log ARNs is "log-group"', 'the template’s parameters are filled in'],
    permits: [at('s3:GetObject', 'arn:aws:s3:::omics-data/x'), at('logs:PutLogEvents', STREAM)],
    refuses: [at('s3:GetObject', 'arn:aws:s3:::data/x'), at('omics:CreateReferenceStore')],
  },
  {
    chapter: 'Resource permissions: Lake Formation',
    kind: 'identity',
    statements: [
      allow(['omics:*']),
      allow(['ram:AcceptResourceShareInvitation', 'ram:GetResourceShareInvitations']),
    ],
    mended: [FRAME],
    permits: [
      at('omics:CreateVariantStore'),
      at('ram:AcceptResourceShareInvitation'),
      at('ram:GetResourceShareInvitations'),
    ],
    refuses: [at('ram:RejectResourceShareInvitation'), at('lakeformation:GrantPermissions')],
  },
  {
    chapter: 'Permissions for data access using Amazon S3 URIs',
    kind: 'identity',
    statements: [
      allow(['s3:GetObject', 's3:ListBucket', 's3:GetObjectTagging'], {
        Sid: 'S3DirectAccess',
        Condition: {
          StringEquals: {
            's3:DataAccessPointArn': 'arn:aws:s3:us-west-2:555555555555:accesspoint/592761533288-4891675750',
          },
        },
      }),
      allow('kms:Decrypt', {
        Sid: 'DefaultSequenceStoreKMS',
        Resource: 'arn:aws:kms:us-west-2:555555555555:key/fa3b30f5-835d-4a6d-b3f9-d3898fe0e648',
      }),
    ],
    mended: [
      '"kms.Decrypt" is "kms:Decrypt"',
      'the key’s ARN that is wrapped in the second printing is one line',
      FRAME,
    ],
    permits: [
      at('s3:GetObject', 'arn:aws:s3:::store/x', {
        's3:DataAccessPointArn': 'arn:aws:s3:us-west-2:555555555555:accesspoint/592761533288-4891675750',
      }),
      at('kms:Decrypt', 'arn:aws:kms:us-west-2:555555555555:key/fa3b30f5-835d-4a6d-b3f9-d3898fe0e648'),
    ],
    refuses: [
      at('s3:GetObject', 'arn:aws:s3:::store/x'),
      at('s3:GetObject', 'arn:aws:s3:::store/x', {
        's3:DataAccessPointArn': 'arn:aws:s3:us-west-2:555555555555:accesspoint/other',
      }),
      at('kms:Decrypt', 'arn:aws:kms:us-west-2:555555555555:key/other'),
    ],
  },
  {
    chapter: 'Getting started: creating a workflow with the AWS CLI',
    kind: 'identity',
    statements: [
      readObjects('doc-example-bucket1'),
      listBucket('doc-example-bucket1'),
      putObjects('doc-example-bucket2'),
      writeLogs,
      createLogGroup,
      pullImages,
    ],
    mended: [WRAPPED, FRAME],
    ...runOutputs,
  },
  {
    chapter: 'Data protection: a role that reads encrypted data',
    kind: 'identity',
    statements: [
      allow(['omics:GetReference', 'omics:GetReferenceMetadata'], {
        Resource: [`${OMICS}:referenceStore/*`],
      }),
      readObjects('s3path'),
      allow(['kms:Decrypt'], {
        Resource: ['arn:aws:kms:us-west-2:123456789012:key/k'],
        Condition: { StringEquals: { 'kms:ViaService': ['s3.us-west-2.amazonaws.com'] } },
      }),
    ],
    mended: [
      '"arn:AWS:" is "arn:aws:"',
      '"s3.{{region}}.amazonAWS.com" is "s3.{{region}}.amazonaws.com"',
      FRAME,
    ],
    permits: [
      at('omics:GetReference', `${OMICS}:referenceStore/1/reference/2`),
      at('kms:Decrypt', 'arn:aws:kms:us-west-2:123456789012:key/k', {
        'kms:ViaService': 's3.us-west-2.amazonaws.com',
      }),
    ],
    refuses: [
      at('kms:Decrypt', 'arn:aws:kms:us-west-2:123456789012:key/k'),
      at('kms:Decrypt', 'arn:aws:kms:us-west-2:123456789012:key/k', {
        'kms:ViaService': 'omics.us-west-2.amazonaws.com',
      }),
      at('omics:DeleteReference', `${OMICS}:referenceStore/1/reference/2`),
    ],
  },
  {
    chapter: 'ABAC: denying what carries no tag',
    kind: 'identity',
    statements: [
      deny(['omics:*'], { Resource: ['*'], Condition: { Null: { 'aws:RequestTag/MyCustomTag': 'true' } } }),
      allow('omics:*'),
    ],
    mended: ['an allow stands beside it, since a deny alone permits nothing'],
    permits: [at('omics:CreateRunGroup', '*', { 'aws:RequestTag/MyCustomTag': 'x' })],
    refuses: [at('omics:CreateRunGroup'), at('omics:CreateRunGroup', '*', { 'aws:RequestTag/Other': 'x' })],
  },
  {
    chapter: 'ABAC: runs within a run group',
    kind: 'identity',
    statements: [
      allow(['omics:StartRun'], {
        Resource: [`${OMICS}:run/*`, `${OMICS}:workflow/1234567`, `${OMICS}:runGroup/2345678`],
        Condition: {
          StringLike: {
            'omics:Workflow': `${OMICS}:workflow/*`,
            'omics:RunGroup': `${OMICS}:runGroup/*`,
          },
        },
      }),
      allow(
        ['omics:GetRun', 'omics:ListRunTasks', 'omics:GetRunTask', 'omics:CancelRun', 'omics:DeleteRun'],
        {
          Resource: [`${OMICS}:run/*`],
        },
      ),
    ],
    mended: [
      '"StringLike" stands twice in one Condition: JSON would drop one, so both keys are in one',
      'the conditions’ region us-east-1 can never meet the resources’ us-west-2',
      '"omics>DeleteRun" is "omics:DeleteRun"',
      'the comma after the last statement goes',
      FRAME,
    ],
    permits: [
      at('omics:StartRun', `${OMICS}:workflow/1234567`, {
        'omics:Workflow': `${OMICS}:workflow/1234567`,
        'omics:RunGroup': `${OMICS}:runGroup/2345678`,
      }),
      at('omics:DeleteRun', `${OMICS}:run/9`),
    ],
    refuses: [
      at('omics:StartRun', `${OMICS}:workflow/1234567`, { 'omics:Workflow': `${OMICS}:workflow/1234567` }),
      at('omics:StartRun', `${OMICS}:workflow/7654321`, {
        'omics:Workflow': `${OMICS}:workflow/7654321`,
        'omics:RunGroup': `${OMICS}:runGroup/2345678`,
      }),
      at('omics:DeleteWorkflow', `${OMICS}:workflow/1234567`),
    ],
  },
  {
    chapter: 'Allow users to view their own permissions',
    kind: 'identity',
    statements: [
      allow(
        [
          'iam:GetUserPolicy',
          'iam:ListGroupsWithUser',
          'iam:ListAttachedUserPolicies',
          'iam:ListUserPolicies',
          'iam:GetUser',
        ],
        { Sid: 'ViewOwnUserInfo', Resource: ['arn:aws:iam::*:user/${aws:username}'] },
      ),
      allow(
        [
          ...['iam:GetGroupPolicy', 'iam:GetPolicyVersion', 'iam:GetPolicy', 'iam:ListAttachedGroupPolicies'],
          ...['iam:ListGroupPolicies', 'iam:ListPolicyVersions', 'iam:ListPolicies', 'iam:ListUsers'],
        ],
        { Sid: 'NavigateInConsole' },
      ),
    ],
    mended: [],
    permits: [
      at('iam:GetUser', 'arn:aws:iam::123456789012:user/ann', { 'aws:username': 'ann' }),
      at('iam:ListUsers'),
    ],
    refuses: [
      at('iam:GetUser', 'arn:aws:iam::123456789012:user/ben', { 'aws:username': 'ann' }),
      at('iam:GetUser', 'arn:aws:iam::123456789012:user/ann'),
      at('iam:DeleteUser', 'arn:aws:iam::123456789012:user/ann', { 'aws:username': 'ann' }),
    ],
  },
  {
    chapter: 'AWS managed policy: AmazonOmicsFullAccess',
    kind: 'identity',
    statements: [
      allow(['omics:*']),
      allow(['ram:AcceptResourceShareInvitation', 'ram:GetResourceShareInvitations'], {
        Condition: { StringEquals: { 'aws:CalledViaLast': 'omics.amazonaws.com' } },
      }),
      passRole,
    ],
    mended: [],
    permits: [
      at('omics:DeleteSequenceStore', `${OMICS}:sequenceStore/1`),
      at('ram:AcceptResourceShareInvitation', '*', { 'aws:CalledViaLast': 'omics.amazonaws.com' }),
      passing('omics.amazonaws.com'),
    ],
    refuses: [
      at('ram:AcceptResourceShareInvitation'),
      passing('lambda.amazonaws.com'),
      at('s3:ListAllMyBuckets'),
    ],
  },
  {
    chapter: 'AWS managed policy: AmazonOmicsReadOnlyAccess',
    kind: 'identity',
    statements: [allow(['omics:Get*', 'omics:List*'])],
    mended: [],
    permits: [at('omics:GetReadSet', `${OMICS}:sequenceStore/1/readSet/2`), at('omics:ListRuns')],
    refuses: [
      at('omics:StartRun', `${OMICS}:workflow/1`),
      at('omics:BatchDeleteReadSet', `${OMICS}:sequenceStore/1`),
    ],
  },
  {
    chapter: 'Tagging: to enable tagging',
    kind: 'identity',
    statements: ['Create*', 'Start*', 'Tag*', 'Untag*', 'List*'].map((name) => allow(`omics:${name}`)),
    mended: [FRAME],
    permits: [
      at('omics:TagResource', `${OMICS}:run/1`),
      at('omics:CreateWorkflow'),
      at('omics:UntagResource', `${OMICS}:run/1`),
    ],
    refuses: [at('omics:GetRun', `${OMICS}:run/1`), at('omics:DeleteRun', `${OMICS}:run/1`)],
  },
  {
    chapter: 'Reference stores: a role for imports',
    kind: 'identity',
    statements: [
      allow(['s3:GetObject', 's3:GetBucketLocation'], {
        Resource: ['arn:aws:s3:::doc-example-bucket1', 'arn:aws:s3:::doc-example-bucket1/*'],
      }),
    ],
    mended: [],
    permits: [
      at('s3:GetObject', 'arn:aws:s3:::doc-example-bucket1/hg38.fasta'),
      at('s3:GetBucketLocation', 'arn:aws:s3:::doc-example-bucket1'),
    ],
    refuses: [
      at('s3:PutObject', 'arn:aws:s3:::doc-example-bucket1/hg38.fasta'),
      at('s3:GetObject', 'arn:aws:s3:::other/hg38.fasta'),
    ],
  },
  {
    chapter: 'Exporting read sets',
    kind: 'identity',
    statements: [
      allow(['s3:PutObject', 's3:GetBucketLocation'], {
        Resource: ['arn:aws:s3:::doc-example-bucket1', 'arn:aws:s3:::doc-example-bucket1/*'],
      }),
    ],
    mended: [],
    permits: [at('s3:PutObject', 'arn:aws:s3:::doc-example-bucket1/out.bam')],
    refuses: [
      at('s3:GetObject', 'arn:aws:s3:::doc-example-bucket1/out.bam'),
      at('s3:PutObject', 'arn:aws:s3:::doc-example-bucket2/out.bam'),
    ],
  },
  {
    chapter: 'Analytics: RAM invitations of stores',
    kind: 'identity',
    version: '',
    statements: [allow(['omics:*', 'ram:AcceptResourceShareInvitation', 'ram:GetResourceShareInvitations'])],
    mended: [],
    permits: [at('omics:CreateAnnotationStore'), at('ram:GetResourceShareInvitations')],
    refuses: [at('ram:CreateResourceShare'), at('athena:StartQueryExecution')],
  },
  {
    chapter: 'Workflows: a service role for runs',
    kind: 'identity',
    statements: [
      readObjects('doc-example-bucket1'),
      listBucket('doc-example-bucket1'),
      putObjects('doc-example-bucket2'),
      writeLogs,
      createLogGroup,
      pullImages,
    ],
    mended: [WRAPPED, FRAME, 'bucket names are in lower case, as S3 takes them'],
    ...runOutputs,
  },
  {
    chapter: 'Workflows: custom IAM permissions for runs',
    kind: 'identity',
    statements: [
      allow(['omics:StartRun'], { Resource: [`${OMICS}:workflow/1234567`, `${OMICS}:runGroup/2345678`] }),
      allow(['omics:StartRun'], { Resource: [`${OMICS}:run/*`, `${OMICS}:runGroup/2345678`] }),
      allow(
        ['omics:GetRun', 'omics:ListRunTasks', 'omics:GetRunTask', 'omics:CancelRun', 'omics:DeleteRun'],
        {
          Resource: [`${OMICS}:run/*`],
        },
      ),
    ],
    mended: [
      'the comment in the JSON goes',
      '"omics>DeleteRun" is "omics:DeleteRun"',
      'commas after last elements go',
      FRAME,
    ],
    permits: [
      at('omics:StartRun', `${OMICS}:workflow/1234567`),
      at('omics:StartRun', `${OMICS}:runGroup/2345678`),
      at('omics:StartRun', `${OMICS}:run/5`),
      at('omics:CancelRun', `${OMICS}:run/5`),
    ],
    refuses: [
      at('omics:StartRun', `${OMICS}:workflow/12345678`),
      at('omics:StartRun', `${OMICS}:runGroup/1`),
      at('omics:GetWorkflow', `${OMICS}:workflow/1234567`),
    ],
  },
];
