import { RE2JS, RE2JSSyntaxException } from 're2js';
import { errors } from '../errors.ts';

/** CloudWatch's largest regular expression is a pattern of 1,024 characters. */
const LONGEST = 1024;

/** A regular expression of a stranger's: RE2, whose time grows with the line and not with what it was written for. */
export function safeExpression(pattern: string, text: string): RE2JS {
  if (text.length > LONGEST)
    throw errors.unsupportedPattern({
      pattern,
      reason: `its expression is longer than ${LONGEST} characters`,
    });
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    throw errors.unsupportedPattern({ pattern, reason: error.message });
  }
}

/** Whether it occurs in a text. */
export function occursIn(expression: RE2JS): (text: string) => boolean {
  return (text) => expression.test(text);
}
