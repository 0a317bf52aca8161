import { type Context, contextKey } from './context.ts';
import type { Condition } from './document.ts';
import { operators } from './operators.ts';

/** Whether the request's context meets a condition. */
export type ConditionTest = (context: Context) => boolean;

export function compileCondition(condition: Condition, variables: boolean): ConditionTest {
  const key = contextKey(condition.key);
  const { operator, quantifier, ifExists } = condition;
  if (operator === 'Null') return nullTest(key, condition.values);
  const { negated, compile } = operators[operator];
  const matchers = condition.values.map((value) => compile(value, variables));
  return (context) => {
    const found = context.get(key);
    if (found === undefined && ifExists) return true;
    const meets = (value: string) => matchers.some((matches) => matches(value, context)) !== negated;
    const values = valuesOf(found, quantifier !== undefined);
    // Without a quantifier a list is met by one of its values, or, negated, by all of them.
    const all = quantifier === undefined ? negated : quantifier === 'ForAllValues';
    return all ? values.every(meets) : values.some(meets);
  };
}

/** `"Null": {"key": "true"}` asks that the key is not there. */
function nullTest(key: string, values: readonly string[]): ConditionTest {
  const wanted = values.map((value) => value.toLowerCase() === 'true');
  return (context) => wanted.includes(!context.has(key));
}

/**
 * The key's values, none where it is missing. To a quantifier a set of nothing but empty strings is empty:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function valuesOf(found: string | readonly string[] | undefined, quantified: boolean): readonly string[] {
  if (found === undefined) return [];
  const values = typeof found === 'string' ? [found] : found;
  return quantified && values.every((value) => value === '') ? [] : values;
}
