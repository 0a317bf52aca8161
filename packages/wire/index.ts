export { provenSha256 } from './body/open-body.ts';
export { coverage, type CoverageRow } from './coverage.ts';
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export * from './operation.ts';
export { recordWith } from './request/observed.ts';
export { peerOf } from './request/origin.ts';
export { sendBody } from './request/send-body.ts';
export { markEndpoint } from './request/private-endpoint.ts';
export { authorizeOperation } from './request/authorize.ts';
export { Failures } from './signature/failures.ts';
export {
  createOperationCaller,
  type OperationCaller,
  type OperationCallerOptions,
} from './operation-caller.ts';
export { createPageTokens, type PageBinding, type PageTokens } from './page-token.ts';
