import type { Value } from '../values/value.ts';
import { Channel } from './channel.ts';
import { ChannelList } from './channel-list.ts';

/** The channel that a value is: itself, or the only output of a process. */
export function asChannel(value: Value): Channel | undefined {
  if (value instanceof Channel) return value;
  return value instanceof ChannelList ? value.only : undefined;
}
