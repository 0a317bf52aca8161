import type { Value } from '../values/value.ts';

/** What a closure of `branch` answers: the label, and another value than the item's own where it gives one. */
export class Choice {
  readonly label: string;
  readonly value: Value | undefined;

  constructor(label: string, value: Value | undefined) {
    this.label = label;
    this.value = value;
  }
}
