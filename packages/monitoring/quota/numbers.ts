import type { Scope } from '@helicase/kernel';
import { holdName, type Records, type Transaction } from '@helicase/records';
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
  readonly records: Pick<Records, 'countTagged' | 'dialect' | 'direct'>;
  readonly quotas: Pick<AppliedQuotas, 'ceiling'>;
}

/**
 * The operations, which refuse what would be one too many. Within the handler, so that a repeated request still gets
 * its first answer; and in its transaction, one at a time for each account and quota, so that requests at once do not
 * pass together, on whatever servers.
 */
export function limitNumbers(
  operations: readonly AnyOperation[],
  { quotas, records }: NumberLimits,
): readonly AnyOperation[] {
  return operations.map((operation): AnyOperation => {
    const number = NUMBERS[operation.name];
    const { handler } = operation;
    if (!number || !handler) return operation;
    const limit = quotas.ceiling(number.quota);
    const check = async (tx: Transaction, scope: Scope) => {
      const most = limit(scope);
      if ((await records.countTagged(tx, scope, number.type)) < most) return;
      throw errors.tooMany({ name: number.quota, most });
    };
    return {
      ...operation,
      async handler(input: never, context: OperationContext) {
        const { scope } = context;
        if (limit(scope) === Infinity) return handler(input, context);
        // Before work that would be in vain; what decides is asked in the transaction.
        await check(records.direct, scope);
        let reserved = false;
        const reserve = async (transaction: object) => {
          const tx = transaction as Transaction;
          await holdName(tx, records.dialect, `${number.quota} of ${scope.account} ${scope.region}`);
          await check(tx, scope);
          reserved = true;
        };
        const answer = await handler(input, { ...context, reserve });
        if (!reserved) throw new Error(`${operation.name} reserves no place in "${number.quota}"`);
        return answer;
      },
    };
  });
}
