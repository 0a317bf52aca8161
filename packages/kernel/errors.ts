/** One line of the error catalogue. `{name}` in the template is filled from the values given. */
export interface ErrorDefinition {
  /** AWS's name for the error on the wire. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** What the caller can do about it; appended to the message. Empty where the message says it. */
  readonly remedy: string;
}

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Values<D extends ErrorDefinition> = Record<Placeholders<D['message'] | D['remedy']>, string | number>;

/** Every error that a client may see. Anything else thrown is a fault of ours and answers 500. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** The definition's key in its catalogue, for logs and tests. */
  readonly key: string;
  /** Seconds after which the caller may try again: the answer's Retry-After. */
  retryAfterSeconds: number | undefined;
  /** What the API model gives the error beside its message. */
  members: Readonly<Record<string, unknown>> = {};

  constructor(key: string, code: string, status: number, message: string) {
    super(message);
    this.name = code;
    this.key = key;
    this.code = code;
    this.status = status;
  }

  retryAfter(seconds: number): this {
    this.retryAfterSeconds = seconds;
    return this;
  }

  with(members: Readonly<Record<string, unknown>>): this {
    this.members = members;
    return this;
  }
}

export type ErrorCatalogue<T extends Record<string, ErrorDefinition>> = {
  readonly [K in keyof T]: ((values: Values<T[K]>) => ServiceError) & { readonly definition: T[K] };
};

/** Makes one constructor per definition: `errors.readSetNotFound({ id, store })` gives the error to throw. */
export function defineErrors<const T extends Record<string, ErrorDefinition>>(
  definitions: T,
): ErrorCatalogue<T> {
  const entries = Object.entries(definitions).map(([key, definition]) => {
    const template = definition.remedy ? `${definition.message} ${definition.remedy}` : definition.message;
    const make = (values: Record<string, string | number>) =>
      new ServiceError(key, definition.code, definition.status, fill(template, values));
    return [key, Object.assign(make, { definition })] as const;
  });
  return Object.fromEntries(entries) as unknown as ErrorCatalogue<T>;
}

function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
