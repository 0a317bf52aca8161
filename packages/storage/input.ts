type OptionalKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];

/**
 * A request as handlers get it: the gateway has refused the ones whose required members are missing, which the SDK's
 * types (`string | undefined` for every member) cannot say.
 */
export type Checked<T> = T extends Date | string | number | boolean
  ? T
  : T extends readonly (infer Element)[]
    ? Checked<Element>[]
    : T extends object
      ? { [K in keyof T]: K extends OptionalKeys<T> ? Checked<T[K]> : Checked<Exclude<T[K], undefined>> }
      : T;
