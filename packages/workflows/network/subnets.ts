import { isRecord, type Scope } from '@helicase/kernel';
import type { ConfigurationDoc } from '../configuration/model.ts';

/** A network that the operator made for runs with networkingMode VPC: what can be reached in it, and by whom, is theirs to set up. */
export interface Subnet {
  /** Whose runs may use it. */
  readonly account: string;
  /** The file of a network namespace: `/run/netns/lab`, as `ip netns add lab` makes it. */
  readonly networkNamespace: string;
}

/** By the ids that configurations name. */
export type Subnets = Readonly<Record<string, Subnet>>;

/** What is wrong with an operator's subnets; undefined where nothing is. */
export function subnetsFault(value: unknown): string | undefined {
  if (!isRecord(value)) return 'subnets must be an object of subnets by id';
  for (const [id, subnet] of Object.entries(value)) {
    const fault = /^subnet-[0-9a-f]+$/.test(id)
      ? subnetFault(subnet)
      : 'the id must have the form subnet-0a1b2c';
    if (fault !== undefined) return `subnets: ${id}: ${fault}`;
  }
  return undefined;
}

function subnetFault(value: unknown): string | undefined {
  const { account, networkNamespace } = isRecord(value) ? value : {};
  if (typeof account !== 'string' || !/^\d{12}$/.test(account)) return 'account must be one of 12 digits';
  if (typeof networkNamespace !== 'string' || !networkNamespace.startsWith('/'))
    return 'networkNamespace must be the path of a network namespace: /run/netns/NAME';
  return undefined;
}

/** The first subnet of a configuration that the operator made for this account. */
export function subnetOf(
  subnets: Subnets,
  { account }: Scope,
  configuration: Pick<ConfigurationDoc, 'vpcConfig'> | undefined,
): string | undefined {
  const ids = configuration?.vpcConfig?.subnetIds ?? [];
  return ids.find((id) => Object.hasOwn(subnets, id) && subnets[id]!.account === account);
}
