import {
  compilePolicy,
  contextOf,
  decide,
  type Decision,
  parsePolicy,
  type Policies,
  type PolicyKind,
} from '../index.ts';
import type { NaivePolicies, NaiveRequest } from './naive.ts';

const compile = (kind: PolicyKind) => (document: unknown, index: number) =>
  compilePolicy(`policy-${index}`, parsePolicy(JSON.stringify(document), kind));

/** The evaluator's answer to a request in the naive one's form. */
export function ask(request: NaiveRequest, policies: NaivePolicies): Decision {
  const { account, arn, kind, issuer } = request;
  const requester = { account, arn, kind, ...(issuer === undefined ? {} : { issuer }) };
  return decide(
    {
      requester,
      action: request.action.toLowerCase(),
      resource: request.resource,
      owner: request.owner,
      needsResourcePolicy: request.needsResourcePolicy,
      context: contextOf(request.context),
    },
    compiled(policies),
  );
}

function compiled({
  identity,
  boundary,
  session,
  serviceControl,
  endpoint,
  resource,
}: NaivePolicies): Policies {
  const own = compile('identity');
  const attached = compile('repository');
  return {
    identity: identity.map(own),
    ...(boundary ? { boundary: boundary.map(own) } : {}),
    ...(session ? { session: session.map(own) } : {}),
    ...(serviceControl ? { serviceControl: serviceControl.map((level) => level.map(own)) } : {}),
    ...(endpoint ? { endpoint: endpoint.map(attached) } : {}),
    ...(resource ? { resource: resource.map(attached) } : {}),
  };
}
