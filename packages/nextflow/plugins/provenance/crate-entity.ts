/** An entity of the graph: `@id`, `@type` and its properties; undefined ones are left out when it is written. */
export interface Entity {
  readonly '@id': string;
  readonly '@type': string | readonly string[];
  readonly [property: string]: unknown;
}
