import type { ScheduleKeyDeletionRequest } from '@aws-sdk/client-kms';
import type { AnyOperation } from '@helicase/wire';
import { arnOf, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { type KmsPorts, type OnKey, onKey } from './on-key.ts';

const DAY = 24 * 60 * 60 * 1000;

/** A key's life: enabled, disabled, rotated, on its way out. */
export function stateOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, clock } = ports;
  const rotation =
    (enabled: boolean) => async (input: OnKey & { RotationPeriodInDays?: number }, key: Key) => {
      const days = input.RotationPeriodInDays ?? key.doc.rotation.days;
      await keys.change(key, (doc) => ({ ...doc, rotation: { ...doc.rotation, enabled, days } }));
      return {};
    };
  const notPending = (key: Key) => {
    if (key.status === 'PendingDeletion') throw errors.stateWrong({ key: arnOf(key), state: key.status });
  };
  return [
    onKey(ports, 'EnableKey', async (_, key) => {
      notPending(key);
      await keys.transition(key, 'Enabled');
      return {};
    }),
    onKey(ports, 'DisableKey', async (_, key) => {
      notPending(key);
      await keys.transition(key, 'Disabled');
      return {};
    }),
    onKey<ScheduleKeyDeletionRequest>(ports, 'ScheduleKeyDeletion', async (input, key) => {
      notPending(key);
      const deletionAt = clock.now() + (input.PendingWindowInDays ?? 30) * DAY;
      await keys.transition(key, 'PendingDeletion', (doc) => ({ ...doc, deletionAt }));
      return {
        KeyId: arnOf(key),
        DeletionDate: new Date(deletionAt),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: input.PendingWindowInDays ?? 30,
      };
    }),
    onKey(ports, 'CancelKeyDeletion', async (_, key) => {
      if (key.status !== 'PendingDeletion') throw errors.stateWrong({ key: arnOf(key), state: key.status });
      await keys.transition(key, 'Disabled', ({ deletionAt: _at, ...doc }) => doc);
      return { KeyId: arnOf(key) };
    }),
    onKey(ports, 'EnableKeyRotation', rotation(true)),
    onKey(ports, 'DisableKeyRotation', rotation(false)),
    onKey(ports, 'GetKeyRotationStatus', async (_, key) => ({
      KeyRotationEnabled: key.doc.rotation.enabled,
      KeyId: arnOf(key),
      RotationPeriodInDays: key.doc.rotation.days,
    })),
    onKey(ports, 'RotateKeyOnDemand', async (_, key) => {
      if (key.status !== 'Enabled') throw errors.stateWrong({ key: arnOf(key), state: key.status });
      await keys.rotate(key);
      return { KeyId: arnOf(key) };
    }),
  ];
}
