export * from './operation.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
export type { PageBinding, PageTokens } from './page-token.ts';
