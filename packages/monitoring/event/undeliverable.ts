/** Refused for good: telling it again would change nothing. */
export class Undeliverable extends Error {}
