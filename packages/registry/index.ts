export { createRegistry, type Registry, type RegistryOptions } from './registry.ts';
export type { UpstreamOptions } from './upstream.ts';
