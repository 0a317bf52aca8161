import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRINO_EXPRESSIONS, TRINO_QUERIES } from '../../packages/analytics/sql/trino-cases/index.ts';

/**
 * Asks Trino itself for the expected values of the dialect's test: node conformance/analytics/trino.ts FOLDER. Maven
 * brings Trino into the folder (200 MB); it takes a JDK of version 17 or later. Ends with 1 where a case says otherwise.
 */
const VERSION = '435';
const here = join(import.meta.dirname, 'trino');

interface Case {
  readonly sql: string;
  readonly expected: string;
  /** Nulls are nothing in rows, `NULL` as an expression's value. */
  readonly isRows: boolean;
}

function cases(): readonly Case[] {
  const lines = Object.values(TRINO_EXPRESSIONS).flatMap((chapter) => chapter.split('\n'));
  const expressions = lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const at = line.lastIndexOf(' = ');
      const expected = line.slice(at + 3);
      return { sql: `SELECT ${line.slice(0, at).trim()}`, expected, isRows: false };
    });
  const queries = TRINO_QUERIES.map(([query, expected]) => ({
    sql: query.replace(/;$/, ''),
    expected,
    isRows: true,
  }));
  return [...expressions, ...queries];
}

function run(program: string, args: readonly string[], input = ''): string {
  const done = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 600_000,
    maxBuffer: 64 * 1024 ** 2,
  });
  if (done.status !== 0)
    throw new Error(`${program} ${args[0]} ended with ${done.status ?? done.error?.message}`);
  return done.stdout;
}

/** Trino's jars and the evaluator, compiled: a class path. */
function install(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const pom = join(folder, 'pom.xml');
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies><dependency>
<groupId>io.trino</groupId><artifactId>trino-main</artifactId><version>${VERSION}</version>
</dependency></dependencies></project>`,
  );
  const jars = join(folder, 'lib');
  run('mvn', [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${jars}`,
    '-DincludeScope=runtime',
  ]);
  run('javac', ['-cp', join(jars, '*'), '-d', folder, join(here, 'Evaluate.java')]);
  return `${join(jars, '*')}:${folder}`;
}

function isAnswered({ expected, isRows }: Case, answered: string): boolean {
  const answer = answered.replaceAll('\\N', isRows ? '' : 'NULL');
  if (expected.startsWith('?')) return !answer.startsWith('!');
  return expected.startsWith('!') ? answer.startsWith('!') : answer === expected;
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('say a folder for Trino: node conformance/analytics/trino.ts FOLDER');
const all = cases();
const java = ['--add-opens=java.base/java.nio=ALL-UNNAMED', '-Xmx1500m', '-cp', install(folder), 'Evaluate'];
const said = run('java', java, all.map(({ sql }) => `${sql}\n`).join(''));
// The evaluator begins its lines with `= `; the virtual machine may say things of its own.
const answers = said
  .split('\n')
  .filter((line) => line.startsWith('= '))
  .map((line) => line.slice(2));
if (answers.length !== all.length) throw new Error(`${answers.length} answers to ${all.length} queries`);
const wrong = all.filter((each, index) => !isAnswered(each, answers[index]!));
for (const each of wrong)
  console.log(`${each.sql}\n  here:  ${each.expected}\n  Trino: ${answers[all.indexOf(each)]}`);
const refused = all.filter(({ expected }) => expected.startsWith('?')).length;
const right = all.length - refused - wrong.length;
console.log(
  `${all.length} cases: ${right} as Trino ${VERSION}, ${refused} refused here, ${wrong.length} otherwise (${((100 * right) / all.length).toFixed(1)} % right)`,
);
process.exitCode = wrong.length > 0 ? 1 : 0;
