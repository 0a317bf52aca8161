import { administer, readConfiguration } from '@helicase/server';
import { bytesPerGigabase, type TierUsage } from '@helicase/storage';

type Flags = Readonly<Record<string, unknown>>;

const HEADINGS = ['account', 'region', 'store', 'tier', 'read sets', 'bases', 'bytes', 'bytes/gigabase'];

/** `helicase storage`: a line for each store and tier. */
export async function storage(flags: Flags): Promise<number> {
  const { json, ...serving } = flags;
  const usages = await administer(readConfiguration(serving, process.env), ({ storageUsage }) =>
    storageUsage(),
  );
  for (const line of json === true ? usages.map(objectLine) : table(usages)) console.log(line);
  return 0;
}

function objectLine(usage: TierUsage): string {
  const { scope, ...counts } = usage;
  return JSON.stringify({ ...scope, ...counts, bytesPerGigabase: bytesPerGigabase(usage) ?? null });
}

function table(usages: readonly TierUsage[]): readonly string[] {
  const rows = [HEADINGS, ...usages.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function cells(usage: TierUsage): readonly string[] {
  const { bases, bytes, readSets, scope, storeId, tier } = usage;
  const each = bytesPerGigabase(usage);
  const numbers = [readSets, bases, bytes].map(String);
  return [scope.account, scope.region, storeId, tier, ...numbers, each === undefined ? '-' : each.toFixed(0)];
}
