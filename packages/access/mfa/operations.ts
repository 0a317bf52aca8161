import type {
  CreateVirtualMFADeviceRequest,
  DeactivateMFADeviceRequest,
  DeleteVirtualMFADeviceRequest,
  EnableMFADeviceRequest,
  ListMFADevicesRequest,
  ListVirtualMFADevicesRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { userNameOf } from '../user/operations.ts';
import { type MfaDevice, serialOf } from './mfa-devices.ts';
import { base32 } from './totp.ts';

const SEED_BYTES = 20;

/** IAM's operations on virtual multi-factor devices. */
export function mfaOperations(ports: IamPorts): readonly AnyOperation[] {
  const { mfaDevices, ids, random, users } = ports;
  const arn = namedArn(users, userNameOf);
  const serial = ({ SerialNumber }: { readonly SerialNumber?: string | undefined }) => SerialNumber!;
  return [
    iamEntry<CreateVirtualMFADeviceRequest, object>(
      'CreateVirtualMFADevice',
      (input, { scope }) =>
        `arn:aws:iam::${scope.account}:mfa${input.Path ?? '/'}${input.VirtualMFADeviceName}`,
      async (input, { scope }) => {
        const seed = random.bytes(SEED_BYTES);
        const name = input.VirtualMFADeviceName!;
        const device = await mfaDevices.insert(scope.account, ids.uuid(), name, input.Path ?? '/', seed);
        const text = Buffer.from(base32(seed));
        return { VirtualMFADevice: { SerialNumber: serialOf(device), Base32StringSeed: text } };
      },
    ),
    iamEntry<EnableMFADeviceRequest, object>('EnableMFADevice', arn, async (input, context) => {
      const device = await mfaDevices.get(context.scope.account, input.SerialNumber!);
      if (device.doc.owner !== undefined) throw errors.mfaInUse({ serial: input.SerialNumber! });
      const owner = await ownerOf(ports, input.UserName, context);
      await mfaDevices.enable(device, owner, [input.AuthenticationCode1!, input.AuthenticationCode2!]);
      return {};
    }),
    iamEntry<DeactivateMFADeviceRequest, object>('DeactivateMFADevice', arn, async (input, context) => {
      const device = await mfaDevices.get(context.scope.account, input.SerialNumber!);
      const owner = await ownerOf(ports, input.UserName, context);
      if (device.doc.owner !== owner) throw errors.mfaMissing({ serial: input.SerialNumber! });
      await mfaDevices.disable(device);
      return {};
    }),
    iamEntry<ListMFADevicesRequest, object>('ListMFADevices', arn, async (input, context) => {
      const owner = await ownerOf(ports, input.UserName, context);
      const devices = await mfaDevices.of(context.scope.account, owner);
      const UserName = userNameOf(input, context) ?? 'root';
      return {
        MFADevices: devices.map((device) => ({ UserName, ...described(device) })),
        IsTruncated: false,
      };
    }),
    iamEntry<ListVirtualMFADevicesRequest, object>(
      'ListVirtualMFADevices',
      anyResource,
      async (input, { scope }) => {
        const all = await mfaDevices.all(scope.account);
        const wanted = input.AssignmentStatus ?? 'Any';
        const devices = all.filter(
          ({ doc }) => wanted === 'Any' || (wanted === 'Assigned') === (doc.owner !== undefined),
        );
        return { VirtualMFADevices: devices.map(described), IsTruncated: false };
      },
    ),
    iamEntry<DeleteVirtualMFADeviceRequest, object>(
      'DeleteVirtualMFADevice',
      serial,
      async (input, { scope }) => {
        const device = await mfaDevices.get(scope.account, input.SerialNumber!);
        if (device.doc.owner !== undefined) throw errors.mfaInUse({ serial: input.SerialNumber! });
        await mfaDevices.remove(device);
        return {};
      },
    ),
  ];
}

async function ownerOf(
  { users }: IamPorts,
  name: string | undefined,
  context: OperationContext,
): Promise<string> {
  const named = userNameOf({ UserName: name }, context);
  return named === undefined ? 'root' : (await users.get(context.scope.account, named)).id;
}

function described(device: MfaDevice) {
  const { enabledAt } = device.doc;
  return { SerialNumber: serialOf(device), ...(enabledAt ? { EnableDate: new Date(enabledAt) } : {}) };
}
