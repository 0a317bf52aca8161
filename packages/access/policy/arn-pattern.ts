import { type Matcher, piecesMatcher } from './pattern.ts';
import { type Piece, readTemplate } from './template.ts';

const COMPONENTS = 6;

/**
 * A pattern of ARNs: each of the six components is matched by itself, so that a wildcard never reaches over a colon
 * except within the last. Missing components are `*`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function arnMatcher(text: string, variables: boolean): Matcher {
  if (text === '*') return () => true;
  const pieces = readTemplate(text, { variables, wildcards: true });
  const components = splitPieces(pieces).map(piecesMatcher);
  while (components.length < COMPONENTS) components.push(() => true);
  return (value, context) => {
    const parts = componentsOf(value);
    return parts !== undefined && components.every((matches, index) => matches(parts[index]!, context));
  };
}

/** The template's pieces by component: cut at the first five colons of its text, never at one inside a variable. */
function splitPieces(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const components: Piece[][] = [[]];
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      components.at(-1)!.push(piece);
      continue;
    }
    const [first, ...rest] = cut(piece, COMPONENTS - components.length);
    if (first !== '') components.at(-1)!.push(first!);
    for (const part of rest) components.push(part === '' ? [] : [part]);
  }
  return components;
}

let lastText: string | undefined;
let lastParts: readonly string[] | undefined;

/** The six components of an ARN. One question asks hundreds of statements about the same one: it is cut once. */
function componentsOf(text: string): readonly string[] | undefined {
  if (text !== lastText) {
    lastParts = splitArn(text);
    lastText = text;
  }
  return lastParts;
}

/** Undefined where the text is no ARN. */
function splitArn(text: string): readonly string[] | undefined {
  const parts = cut(text, COMPONENTS - 1);
  return parts.length === COMPONENTS && parts[0] === 'arn' ? parts : undefined;
}

/** Cuts at the first `times` colons. */
function cut(text: string, times: number): readonly string[] {
  const parts = text.split(':');
  return parts.length <= times ? parts : [...parts.slice(0, times), parts.slice(times).join(':')];
}

/** Whether a policy's Resource has the form that IAM takes. */
export function isArnPattern(text: string): boolean {
  return text === '*' || text.startsWith('arn:');
}
