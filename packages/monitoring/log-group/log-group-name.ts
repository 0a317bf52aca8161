import { parseArn, type Scope } from '@helicase/kernel';
import { errors } from '../errors.ts';

/** The group that a request names, by name or by ARN. */
export function logGroupName(input: { logGroupName?: string; logGroupIdentifier?: string }): string {
  const { logGroupIdentifier, logGroupName } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) throw errors.noGroup({});
  if (logGroupName !== undefined) return logGroupName;
  const resource = parseArn(logGroupIdentifier!)?.resource;
  return resource ? resource.replace(/^log-group:/, '').replace(/:\*$/, '') : logGroupIdentifier!;
}

/** `arn:aws:logs:<region>:<account>:log-group:<name>`, without the `:*` that policies want. */
export function logGroupArn(scope: Scope, name: string): string {
  return `arn:aws:logs:${scope.region}:${scope.account}:log-group:${name}`;
}

/** What an action on a group is asked of: AWS's denials have it so, and `…:log-group:<group>:*` of policies means it. */
export function logGroupResource(scope: Scope, name: string): string {
  return logStreamArn(scope, name, '');
}

/** `…:log-group:<group>:log-stream:<stream>` */
export function logStreamArn(scope: Scope, group: string, stream: string): string {
  return `${logGroupArn(scope, group)}:log-stream:${stream}`;
}
