import type { Scope, TaggedResources } from '@helicase/kernel';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import type { AppliedQuotas } from './applied-quotas.ts';
import { errors } from './errors.ts';

/** Operations that make one more of something, and the guide's quota of how many an account may have in a Region. */
const NUMBERS: Readonly<Record<string, { readonly type: string; readonly quota: string }>> = {
  CreateSequenceStore: { type: 'omics:sequenceStore', quota: 'Sequence stores' },
  CreateVariantStore: { type: 'omics:variantStore', quota: 'Variant stores' },
  CreateAnnotationStore: { type: 'omics:annotationStore', quota: 'Annotation stores' },
  CreateWorkflow: { type: 'omics:workflow', quota: 'Number of workflows' },
  CreateRunGroup: { type: 'omics:runGroup', quota: 'Number of run groups' },
};

export interface NumberLimits {
  readonly tagged: TaggedResources;
  readonly quotas: Pick<AppliedQuotas, 'ceiling'>;
}

/**
 * The operations, which refuse what would be one too many. Within the handler, so that a repeated request still gets
 * its first answer; one at a time for each account and quota, so that requests at once do not pass together.
 */
export function limitNumbers(
  operations: readonly AnyOperation[],
  { quotas, tagged }: NumberLimits,
): readonly AnyOperation[] {
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(key) ?? Promise.resolve();
    const done = before.then(work, work);
    const settled: Promise<unknown> = done
      .catch(() => {})
      .then(() => turns.get(key) === settled && turns.delete(key));
    turns.set(key, settled);
    return done;
  };
  return operations.map((operation): AnyOperation => {
    const number = NUMBERS[operation.name];
    const { handler } = operation;
    if (!number || !handler) return operation;
    const limit = quotas.ceiling(number.quota);
    const check = async (scope: Scope) => {
      const most = limit(scope);
      if (most === Infinity || (await tagged.count(scope, number.type)) < most) return;
      throw errors.tooMany({ name: number.quota, most });
    };
    return {
      ...operation,
      handler: (input: never, context: OperationContext) => {
        const { account, region } = context.scope;
        return inTurn(`${account} ${region} ${number.quota}`, async () => {
          await check(context.scope);
          return handler(input, context);
        });
      },
    };
  });
}
