/** Who asks, as policies see it. */
export interface Requester {
  readonly account: string;
  readonly kind: 'root' | 'user' | 'role' | 'federated' | 'service' | 'web-identity';
  /** The user's ARN, the session's (`arn:aws:sts::…:assumed-role/…`), the service's name or the provider's ARN. */
  readonly arn: string;
  /** The role or user that a session was made from. */
  readonly issuer?: string;
}
