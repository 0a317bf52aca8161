import { EvaluationError } from './value.ts';

const POWERS: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes in one `KB`, `KiB`, `K`... in any case; decimal units are 1000s, binary ones 1024s. */
export function byteUnit(unit: string): number {
  const match = /^([kmgtp]?)(i?)b?$/i.exec(unit.trim());
  if (!match)
    throw new EvaluationError(
      `${JSON.stringify(unit)} is not a unit of storage. Use B, KB, MB, GB, TB or KiB...`,
    );
  return (match[2] ? 1024 : 1000) ** POWERS[match[1]!.toLowerCase()]!;
}

/** Bytes of `4 GiB`, `4G`, `4096`. */
export function parseBytes(amount: string): number {
  const match = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*$/i.exec(amount);
  if (!match)
    throw new EvaluationError(`${JSON.stringify(amount)} is not an amount of storage such as "4 GiB".`);
  return Math.ceil(Number(match[1]) * byteUnit(match[2]!));
}
