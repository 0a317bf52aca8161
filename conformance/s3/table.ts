import { XMLParser } from 'fast-xml-parser';
import { missing } from './missing.ts';

export interface Case {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

type Element = Readonly<Record<string, unknown>>;

/** The cases of pytest's JUnit report, each once: what fails in its teardown has failed. */
export function casesIn(report: string): readonly Case[] {
  const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testcase' });
  const parsed = parser.parse(report) as { testsuites: { testsuite: { testcase: readonly Element[] } } };
  const outcomes = new Map<string, Case['outcome']>();
  for (const element of parsed.testsuites.testsuite.testcase) {
    const name = String(element['@_name']);
    const failed = 'failure' in element || 'error' in element || outcomes.get(name) === 'failed';
    outcomes.set(name, failed ? 'failed' : 'skipped' in element ? 'skipped' : 'passed');
  }
  return Array.from(outcomes, ([name, outcome]) => ({ name, outcome }));
}

/** The page in docs/, and the cases that neither passed nor ask for something that is known to be missing. */
export function page(cases: readonly Case[]): {
  readonly text: string;
  readonly unexplained: readonly string[];
} {
  const passed = cases.filter(({ outcome }) => outcome === 'passed');
  const others = cases.filter(({ outcome }) => outcome !== 'passed').map(({ name }) => name);
  const groups = missing.map(({ names, reason }) => ({ reason, names: [] as string[], pattern: names }));
  const unexplained: string[] = [];
  for (const name of others) {
    const group = groups.find(({ pattern }) => pattern.test(name));
    (group?.names ?? unexplained).push(name);
  }
  const rows = groups
    .filter(({ names }) => names.length > 0)
    .map(({ reason, names }) => `| ${reason} | ${names.length} | ${listed(names)} |`);
  const text = [
    '# S3: the cases of ceph/s3-tests',
    '',
    '`npm run conformance:s3 -- PATH --python PYTHON --table docs/s3-tests.md` runs `test_s3.py` and `test_headers.py` of a',
    'checkout of ceph/s3-tests against the embedded buckets and writes this page. The suite is made for Ceph’s gateway;',
    'where its cases expect what AWS does not do, AWS’s behaviour is kept. Reasons go by the names of cases',
    '(`conformance/s3/missing.ts`); not each case was followed to its end.',
    '',
    `${passed.length} of ${cases.length} cases pass; ${others.length - unexplained.length} ask for what is not supported or are about Ceph;`,
    `${unexplained.length} fail.`,
    '',
    '## Not supported',
    '',
    '| reason | cases | names |',
    '| --- | --- | --- |',
    ...rows,
    ...(unexplained.length > 0 ? ['', '## Failed', '', ...unexplained.map((name) => `- \`${name}\``)] : []),
    '',
    '## Passed',
    '',
    listed(passed.map(({ name }) => name)),
    '',
  ];
  return { text: text.join('\n'), unexplained };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name.replace(/^test_/, '')}\``).join(', ');
}
