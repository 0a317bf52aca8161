import type { CompiledStatement, Policy } from './compile.ts';
import type { Context } from './context.ts';
import { type Naming, namingOf } from './principal.ts';
import type { Requester } from './requester.ts';

/** What somebody asks to do. */
export interface Question {
  readonly requester: Requester;
  /** In lower case, with the service's own prefix: `omics:getrun`. */
  readonly action: string;
  /** One ARN, or `*` for actions that know no resource. */
  readonly resource: string;
  readonly context: Context;
}

/** The statement that decided. */
export interface Decisive {
  readonly policy: string;
  readonly statement: string;
}

/** What a set of policies says: a deny in any of them, allows by how they name the requester. */
export interface Verdict {
  readonly deny: Decisive | undefined;
  readonly allow: ReadonlyMap<Naming, Decisive>;
}

export function verdictOf(policies: readonly Policy[], question: Question): Verdict {
  const allow = new Map<Naming, Decisive>();
  for (const policy of policies) {
    for (const statement of policy.about(question.action)) {
      const naming = namingOf(statement, question.requester);
      if (naming === undefined || !applies(statement, question)) continue;
      const decisive = { policy: statement.policy, statement: statement.name };
      if (statement.effect === 'Deny') return { deny: decisive, allow };
      if (!allow.has(naming)) allow.set(naming, decisive);
    }
  }
  return { deny: undefined, allow };
}

function applies({ resource, conditions }: CompiledStatement, question: Question): boolean {
  if (resource && !resource(question.resource, question.context)) return false;
  return conditions.every((holds) => holds(question.context));
}
