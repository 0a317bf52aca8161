import {
  type Clock,
  parseArn,
  type Principal,
  type SharedResources,
  type TaggedResources,
} from '@helicase/kernel';
import type { Authorization, AuthorizationQuestion, Authorizer } from '@helicase/wire';
import {
  canonicalPrefix,
  type ContextValues,
  decide,
  type Decision,
  denialSentence,
  inEachContext,
  type Policies,
  type Policy,
} from '../policy/index.ts';
import type { Identities, Identity } from './identities.ts';
import { requestKeys } from './request-context.ts';
import { requesterOf } from './requester.ts';
import { sharePolicies } from './share-policies.ts';

export interface AuthorizerOptions {
  readonly identities: Identities;
  readonly tagged: TaggedResources;
  readonly shares: SharedResources;
  readonly clock: Clock;
  /** Policies above an account: from the outermost level to the account itself. */
  readonly serviceControl: (account: string) => Promise<readonly (readonly Policy[])[]>;
}

/** The decision about one resource of a question. */
export interface Explained {
  readonly resource: string;
  readonly decision: Decision;
}

export interface ExplainingAuthorizer extends Authorizer {
  /** As `authorize`, resource by resource, with the statement that decided. */
  explain(question: AuthorizationQuestion): Promise<readonly Explained[]>;
}

export function createAuthorizer(options: AuthorizerOptions): ExplainingAuthorizer {
  const explain = (question: AuthorizationQuestion) => explainEach(options, question);
  return {
    explain,
    async authorize(question): Promise<Authorization> {
      const refused =
        restricted(question.principal, question.action) ?? (await firstDenied(explain, question));
      if (!refused) return { allowed: true };
      const { arn } = requesterOf(question.principal);
      const { resource, decision } = refused;
      return {
        allowed: false,
        message: denialSentence({ arn, action: question.action, resource }, decision),
      };
    },
  };
}

type Denied = { readonly resource: string; readonly decision: Extract<Decision, { allowed: false }> };

async function firstDenied(
  explain: (question: AuthorizationQuestion) => Promise<readonly Explained[]>,
  question: AuthorizationQuestion,
): Promise<Denied | undefined> {
  const all = await explain(question);
  return all.find((one): one is Denied => !one.decision.allowed);
}

/**
 * What temporary credentials can never do:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
function restricted({ kind, session }: Principal, action: string): Denied | undefined {
  if (!session || kind === 'role') return undefined;
  const isIam = action.startsWith('iam:') && action !== 'iam:PassRole';
  const isSts = action.startsWith('sts:') && action !== 'sts:GetCallerIdentity';
  const isMfaLess = kind !== 'federated' && session.mfaAt === undefined;
  const isRefused =
    kind === 'federated' ? isIam || isSts : (isIam && isMfaLess) || (isSts && action !== 'sts:AssumeRole');
  return isRefused ? { resource: '*', decision: { allowed: false, type: 'session' } } : undefined;
}

async function explainEach(
  options: AuthorizerOptions,
  question: AuthorizationQuestion,
): Promise<readonly Explained[]> {
  const { identities, clock } = options;
  const { principal } = question;
  const identity = await identities.of(principal);
  const resources = question.resources.length > 0 ? question.resources : ['*'];
  if (!identity) {
    // Made from a user or role that is gone: whatever a resource's policy says of the name, this is not it.
    return resources.map((resource) => ({ resource, decision: { allowed: false, type: 'identity' } }));
  }
  const policies = await policiesOf(options, question, identity);
  const now = clock.now();
  const explained: Explained[] = [];
  for (const resource of resources) {
    const ofResource = await resourceKeys(options, question, resource, policies);
    const access = {
      requester: requesterOf(principal),
      action: canonicalPrefix(question.action.toLowerCase()),
      resource,
      owner: ownerOf(question, resource),
      ...(question.needsResourcePolicy ? { needsResourcePolicy: true } : {}),
    };
    const decisions = inEachContext(
      () => ({ ...requestKeys(question, identity, now), ...ofResource }),
      (context) => decide({ ...access, context }, policies),
    );
    explained.push({ resource, decision: decisions.find(({ allowed }) => !allowed) ?? decisions[0]! });
  }
  return explained;
}

/** The account in the ARN; S3's ARNs have none, there the room says it. */
function ownerOf({ owner, principal }: AuthorizationQuestion, resource: string): string {
  if (owner !== undefined) return owner;
  const account = parseArn(resource)?.account;
  return account === undefined || account === '' || account === '*' || account === 'aws'
    ? principal.account
    : account;
}

async function policiesOf(
  { identities, serviceControl, shares }: AuthorizerOptions,
  { principal, origin, resourcePolicies = [], resources, scope }: AuthorizationQuestion,
  identity: Identity,
): Promise<Policies> {
  const shared = await sharePolicies(shares, { ...scope, account: principal.account }, resources);
  const control = await serviceControl(principal.account);
  const sessionTexts = principal.session?.policies ?? (principal.kind === 'federated' ? [] : undefined);
  const endpoint = origin?.endpoint?.policy;
  return {
    identity: identity.policies,
    ...(identity.boundary ? { boundary: identity.boundary } : {}),
    ...(sessionTexts
      ? { session: sessionTexts.map((text) => identities.compiled('session policy', text, 'identity')) }
      : {}),
    ...(control.length > 0 ? { serviceControl: control } : {}),
    ...(endpoint === undefined
      ? {}
      : { endpoint: [identities.compiled(origin!.endpoint!.id, endpoint, 'endpoint')] }),
    resource: [
      ...resourcePolicies.map((text) => identities.compiled('resource policy', text, 'attached')),
      ...shared.map((text) => identities.compiled('share', text, 'resource')),
    ],
  };
}

/** What only some policies ask for is looked up for those: a resource's tags cost a look into the records. */
async function resourceKeys(
  { tagged }: AuthorizerOptions,
  question: AuthorizationQuestion,
  resource: string,
  policies: Policies,
): Promise<ContextValues> {
  const asked = askedPrefixes(policies);
  const account = ownerOf(question, resource);
  const keys: Record<string, string> = { 'aws:ResourceAccount': account };
  if (asked.objectTags && question.tags) addTags(keys, 's3:ExistingObjectTag', await question.tags());
  if (asked.resourceTags) {
    const arn = parseArn(resource);
    const scope = { account, region: arn?.region || 'aws-global' };
    const isS3 = arn?.service === 's3' && question.tags !== undefined;
    const tags = isS3 ? await question.tags!() : arn && (await tagged.find(scope, resource));
    addTags(keys, 'aws:ResourceTag', tags);
  }
  return keys;
}

function addTags(
  keys: Record<string, string>,
  prefix: string,
  tags: Readonly<Record<string, string>> | undefined,
): void {
  for (const [key, value] of Object.entries(tags ?? {})) keys[`${prefix}/${key}`] = value;
}

function askedPrefixes(policies: Policies): { readonly resourceTags: boolean; readonly objectTags: boolean } {
  const lists = [
    policies.identity,
    policies.boundary,
    policies.session,
    policies.endpoint,
    policies.resource,
  ];
  const all = [...lists, ...(policies.serviceControl ?? [])].flatMap((list) => list ?? []);
  const isAsked = (prefix: string) => all.some(({ asks }) => asks.has(prefix));
  return { resourceTags: isAsked('aws:resourcetag'), objectTags: isAsked('s3:existingobjecttag') };
}
