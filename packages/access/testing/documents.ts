/** Policy documents, short to write. */
export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const allow = (action: string | readonly string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: '*',
  ...more,
});

export const deny = (action: string | readonly string[], more: object = {}): object => ({
  ...allow(action, more),
  Effect: 'Deny',
});

/** A trust policy for these principals. */
export const trust = (principal: unknown, more: object = {}): string =>
  policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more });
