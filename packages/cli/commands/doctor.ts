import { examine } from '@helicase/server';

/** Prints what works on this machine and what is sealed; exit status 1 where something needed is missing. */
export async function doctor(data: string): Promise<number> {
  const report = await examine(data, process.env);
  for (const { name, status, detail } of report.checks) {
    const mark = { ok: '✓', note: '·', missing: '✗' }[status];
    console.log(`${mark} ${name}: ${detail}`);
  }
  console.log('\nWhat lies on disk, and who protects it:\n');
  for (const kind of report.stored) {
    console.log(
      `  ${kind.protection === 'sealed' ? 'sealed' : 'host  '}  ${kind.what} (${kind.where}): ${kind.how}`,
    );
  }
  return report.checks.some((check) => check.status === 'missing') ? 1 : 0;
}
