import type { Service } from './operation.ts';
import { operationSchemas } from './schema/operation-schema.ts';

export interface CoverageRow {
  readonly service: string;
  readonly operation: string;
  readonly implemented: boolean;
}

/** Every operation of the services' schemas and whether a handler answers it, by service and name. */
export function coverage(services: readonly Service[]): readonly CoverageRow[] {
  return services.flatMap((service) => {
    const handled = new Set(service.operations.filter(({ handler }) => handler).map(({ name }) => name));
    return [...operationSchemas(service.schemas).keys()]
      .sort()
      .map((operation) => ({ service: service.name, operation, implemented: handled.has(operation) }));
  });
}
