/**
 * Who may do what, written straight from the IAM User Guide's rules, on the JSON as it is: slow, without one line of
 * the evaluator's. Where it and the evaluator differ, one of them is wrong.
 */
export interface NaiveRequest {
  /** Every ARN or name by which the requester is known, the most exact first; the account's root apart. */
  readonly arn: string;
  readonly issuer: string | undefined;
  readonly account: string;
  readonly kind: 'root' | 'user' | 'role' | 'federated' | 'service' | 'web-identity';
  readonly action: string;
  readonly resource: string;
  readonly owner: string;
  readonly needsResourcePolicy: boolean;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface NaivePolicies {
  readonly identity: readonly Json[];
  readonly boundary?: readonly Json[];
  readonly session?: readonly Json[];
  readonly serviceControl?: readonly (readonly Json[])[];
  readonly endpoint?: readonly Json[];
  readonly resource?: readonly Json[];
}

type Json = Readonly<Record<string, unknown>>;

/** "Policy evaluation logic", in the order of its figure. */
export function naiveIsAllowed(request: NaiveRequest, policies: NaivePolicies): boolean {
  const { identity, boundary, session, serviceControl = [], endpoint, resource = [] } = policies;
  const all = [...identity, ...(boundary ?? []), ...(session ?? []), ...serviceControl.flat()];
  if ([...all, ...(endpoint ?? []), ...resource].some((policy) => says(policy, 'Deny', request)))
    return false;

  const anyAllows = (list: readonly Json[]) => list.some((policy) => says(policy, 'Allow', request));
  if (!serviceControl.every(anyAllows)) return false;
  if (endpoint && !anyAllows(endpoint)) return false;

  const byItself = resource.some((policy) => says(policy, 'Allow', request, 'itself'));
  const byIssuer = resource.some((policy) => says(policy, 'Allow', request, 'issuer'));
  const byAccount = resource.some((policy) => says(policy, 'Allow', request, 'account'));
  if (request.kind === 'service' || request.kind === 'web-identity') return byItself;

  const ownPolicies = request.kind === 'root' || anyAllows(identity);
  const withinLimits = (!boundary || anyAllows(boundary)) && (!session || anyAllows(session));
  if (request.account !== request.owner) {
    return (byItself || byIssuer || byAccount) && ownPolicies && withinLimits;
  }
  if (byItself) return true;
  if (byIssuer && withinLimits) return true;
  if (request.needsResourcePolicy && !byAccount) return false;
  return ownPolicies && withinLimits;
}

type Way = 'itself' | 'issuer' | 'account';

function says(policy: Json, effect: string, request: NaiveRequest, way?: Way): boolean {
  const modern = policy['Version'] === '2012-10-17';
  const statements = [policy['Statement']].flat() as Json[];
  return statements.some(
    (statement) =>
      statement['Effect'] === effect &&
      isAboutRequester(statement, effect, request, way) &&
      isAboutAction(statement, request.action) &&
      isAboutResource(statement, request, modern) &&
      meetsConditions(statement, request, modern),
  );
}

function isAboutRequester(statement: Json, effect: string, request: NaiveRequest, way?: Way): boolean {
  if ('NotPrincipal' in statement) return isNotExempt(statement['NotPrincipal'], effect, request, way);
  if (!('Principal' in statement)) return way === undefined || way === 'itself';
  const names = namesIn(statement['Principal'], request.kind);
  if (way === undefined)
    return (['itself', 'issuer', 'account'] as const).some((one) => isNamed(names, request, one));
  return isNamed(names, request, way);
}

function isNotExempt(principal: unknown, effect: string, request: NaiveRequest, way?: Way): boolean {
  const names = namesIn(principal, request.kind);
  if (way !== undefined && way !== (request.issuer === undefined ? 'itself' : 'issuer')) return false;
  if (names.includes('*')) return false;
  const isPerson = request.kind !== 'service' && request.kind !== 'web-identity';
  if (effect === 'Allow') {
    return !(['itself', 'issuer', 'account'] as const).some((one) => isNamed(names, request, one));
  }
  const root = `arn:aws:iam::${request.account}:root`;
  const chain = [request.arn, ...(request.issuer ? [request.issuer] : []), ...(isPerson ? [root] : [])];
  return !chain.every((arn) => names.includes(arn));
}

function isNamed(names: readonly string[], request: NaiveRequest, way: Way): boolean {
  if (way === 'itself') {
    return names.includes(request.arn) || (names.includes('*') && request.issuer === undefined);
  }
  if (way === 'issuer')
    return request.issuer !== undefined && (names.includes('*') || names.includes(request.issuer));
  const isPerson = request.kind !== 'service' && request.kind !== 'web-identity';
  return isPerson && names.includes(`arn:aws:iam::${request.account}:root`);
}

function namesIn(principal: unknown, kind: NaiveRequest['kind']): readonly string[] {
  if (principal === '*') return ['*'];
  const type = kind === 'service' ? 'Service' : kind === 'web-identity' ? 'Federated' : 'AWS';
  const names = [(principal as Json)[type] ?? []].flat() as string[];
  return names.map((name) => (type === 'AWS' && /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name));
}

function isAboutAction(statement: Json, action: string): boolean {
  const matches = (list: unknown) =>
    ([list].flat() as string[]).some((pattern) => wildcard(pattern, true).test(action));
  return 'Action' in statement ? matches(statement['Action']) : !matches(statement['NotAction']);
}

function isAboutResource(statement: Json, request: NaiveRequest, modern: boolean): boolean {
  const matches = (list: unknown) =>
    ([list].flat() as string[]).some((pattern) => arnMatches(pattern, request.resource, request, modern));
  if ('Resource' in statement) return matches(statement['Resource']);
  return 'NotResource' in statement ? !matches(statement['NotResource']) : true;
}

/** "Each of the six colon-delimited components of the ARN is checked separately." */
function arnMatches(pattern: string, arn: string, request: NaiveRequest, modern: boolean): boolean {
  if (pattern === '*') return true;
  const filled = substitute(pattern, request, modern);
  if (filled === undefined || !/^arn(:[^:]*){4}:/s.test(arn)) return false;
  const want = /^([^:]*)(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?(?::(.*))?$/s.exec(filled)!;
  const have = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn)!;
  return [1, 2, 3, 4, 5, 6].every((part) => want[part] === undefined || marked(want[part]).test(have[part]!));
}

// Values of variables are text. Until the pattern is compiled their special characters stand in a private range.
const hide = (text: string) =>
  text.replace(/[*?:]/g, (character) => String.fromCharCode(0xe000 + character.charCodeAt(0)));
const unhide = (text: string) =>
  text.replace(/[\ue000-\ue0ff]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xe000));

function substitute(pattern: string, { context }: NaiveRequest, modern: boolean): string | undefined {
  if (!modern) return pattern;
  let isComplete = true;
  const filled = pattern.replace(/\$\{([^}]*)\}/g, (_, body: string) => {
    if (['*', '?', '$'].includes(body)) return hide(body);
    const [key, fallback] = body.split(',') as [string, string?];
    const found = lookUp(context, key.trim()) ?? fallback?.trim().replace(/^'|'$/g, '');
    if (typeof found === 'string') return hide(found);
    isComplete = false;
    return '';
  });
  return isComplete ? filled : undefined;
}

function marked(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^]*')
    .replace(/\?/g, '[^]');
  return new RegExp(
    `^${unhide(source.replace(/[\ue000-\ue0ff]/g, (c) => `\\x${(c.charCodeAt(0) - 0xe000).toString(16)}`))}$`,
  );
}

function wildcard(pattern: string, ignoreCase: boolean): RegExp {
  return new RegExp(marked(pattern).source, ignoreCase ? 'i' : '');
}

function lookUp(context: NaiveRequest['context'], key: string) {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function meetsConditions(statement: Json, request: NaiveRequest, modern: boolean): boolean {
  const conditions = (statement['Condition'] ?? {}) as Record<string, Record<string, unknown>>;
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      meets(operator, lookUp(request.context, key), [values].flat().map(String), request, modern),
    ),
  );
}

function meets(
  operator: string,
  found: string | readonly string[] | undefined,
  wanted: readonly string[],
  request: NaiveRequest,
  modern: boolean,
): boolean {
  const optional = operator.endsWith('IfExists');
  const set = operator.startsWith('ForAll') ? 'all' : operator.startsWith('ForAny') ? 'any' : undefined;
  const name = operator.replace(/^For\w+:/, '').replace(/IfExists$/, '');
  if (name === 'Null') return wanted.some((want) => (want === 'true') === (found === undefined));
  if (found === undefined && optional) return true;
  const negative = /Not/.test(name);
  let values = found === undefined ? [] : [found].flat();
  if (set && values.join('') === '') values = [];
  const plain = name.replace('Not', '');
  const matchesOne = (value: string) => wanted.some((want) => compares(plain, value, want, request, modern));
  const good = (value: string) => (negative ? !matchesOne(value) : matchesOne(value));
  if (set === 'all') return values.every(good);
  if (set === 'any') return values.some(good);
  return negative ? !values.some(matchesOne) : values.some(matchesOne);
}

function compares(name: string, have: string, want: string, request: NaiveRequest, modern: boolean): boolean {
  if (name.startsWith('Arn')) return arnMatches(want, have, request, modern);
  const filled = substitute(want, request, modern);
  if (filled === undefined) return false;
  const text = unhide(filled);
  switch (name) {
    case 'StringLike':
      return marked(filled).test(have);
    case 'StringEquals':
      return have === text;
    case 'StringEqualsIgnoreCase':
    case 'Bool':
      return have.toLowerCase() === text.toLowerCase();
    case 'BinaryEquals':
      return Buffer.from(have, 'base64').equals(Buffer.from(text, 'base64'));
    case 'IpAddress':
      return isWithin(have, text);
  }
  const read = name.startsWith('Date') ? instant : (number: string) => Number(number);
  const [left, right] = [read(have), read(text)];
  if (name.endsWith('LessThanEquals')) return left <= right;
  if (name.endsWith('LessThan')) return left < right;
  if (name.endsWith('GreaterThanEquals')) return left >= right;
  if (name.endsWith('GreaterThan')) return left > right;
  return left === right;
}

function instant(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : new Date(text).getTime();
}

/** Version 4 only: the generated cases have no others. */
function isWithin(address: string, block: string): boolean {
  const bits = (text: string) =>
    text
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('');
  const [network, length = '32'] = block.split('/') as [string, string?];
  return bits(address).slice(0, Number(length)) === bits(network).slice(0, Number(length));
}
