import type { Scope } from './scope.ts';

/** The parts of `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** The parts of an ARN, or undefined where the text is not one. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text);
  if (!match) return undefined;
  const [, partition, service, region, account, resource] = match as unknown as string[];
  return {
    partition: partition!,
    service: service!,
    region: region!,
    account: account!,
    resource: resource!,
  };
}

/** `arn:aws:omics:<region>:<account>:<resource>`. */
export function omicsArn(scope: Scope, resource: string): string {
  return `arn:aws:omics:${scope.region}:${scope.account}:${resource}`;
}
