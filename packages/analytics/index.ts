export { type Analytics, type AnalyticsOptions, createAnalytics } from './analytics.ts';
export type { MaterializedReference, ReferenceContig, ReferenceContigs } from './ports.ts';
