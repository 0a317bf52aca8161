import type { Scope } from '@helicase/kernel';
import { contextOf, decide } from '../policy/index.ts';
import type { Identities } from './identities.ts';

/** HealthOmics as policies name it. */
export const SERVICE = 'omics.amazonaws.com';

/** What HealthOmics itself would do, in nobody's name, with a resource whose policies these are. */
export interface ServiceQuestion {
  /** Of the resource. */
  readonly owner: Scope['account'];
  /** `ecr:BatchGetImage`. */
  readonly action: string;
  readonly resource: string;
  /** JSON texts. */
  readonly policies: readonly string[];
  /** The account that it would do it for; the owner unless told. */
  readonly sourceAccount?: string;
}

/** A service has no policies of its own: the resource's must let it. */
export function serviceMay(identities: Identities, question: ServiceQuestion): boolean {
  const { action, owner, policies, resource, sourceAccount = owner } = question;
  const decision = decide(
    {
      requester: { account: owner, kind: 'service', arn: SERVICE },
      ...{ action: action.toLowerCase(), resource, owner, needsResourcePolicy: true },
      context: contextOf({ 'aws:SourceAccount': sourceAccount, 'aws:PrincipalIsAWSService': 'true' }),
    },
    {
      identity: [],
      resource: policies.map((text) => identities.compiled('resource policy', text, 'attached')),
    },
  );
  return decision.allowed;
}
