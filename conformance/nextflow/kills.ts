import { spawn } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * kill -9 of `helicase nextflow run` at seeded moments, then `-resume`: what had been recorded as finished is never run
 * again, and the outputs are those of a run that nobody killed.
 * node conformance/nextflow/kills.ts [MOMENTS] [SEED]
 */
const [moments = 50, seed = 20261125] = process.argv.slice(2).map(Number);
const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'nextflow-kills-'));
const PIPELINE = String.raw`
  process SPLIT { input: val n
 output: path 'part'
 script: "sleep 0.0${'$'}{n % 5}; echo ${'$'}n > part" }
  process DOUBLE { input: path part
 output: stdout
 script: 'echo $(( 2 * $(cat part) ))' }
  process SUM { publishDir 'out', mode: 'copy'
 input: val numbers
 output: path 'sum'
 script: "echo ${'$'}{numbers.sort().join(',')} > sum" }
  workflow { SPLIT(channel.of(1..8)) | DOUBLE | map { t -> t.trim() as int } | collect | SUM }`;
writeFileSync(join(folder, 'main.nf'), PIPELINE);

const random = mulberry(seed);
const whole = await timed(place('whole'), []);
const expected = sum('whole');
if (whole.code !== 0 || expected === undefined) throw new Error(`The run itself fails:\n${whole.output}`);
let [wrong, reused] = [0, 0];
for (let moment = 1; moment <= moments; moment += 1) {
  const name = `killed-${moment}`;
  const after = Math.round(random() * whole.milliseconds);
  await timed(place(name), [], after);
  const finished = globSync('work/.records/??/*.json', { cwd: place(name) }).length;
  const resumed = await timed(place(name), ['-resume']);
  const cached = resumed.output.match(/Cached process > /g)?.length ?? 0;
  reused += cached;
  if (resumed.code === 0 && sum(name) === expected && cached === finished) {
    rmSync(place(name), { recursive: true, force: true });
    continue;
  }
  wrong += 1;
  console.log(`killed after ${after} ms: ${finished} had finished, ${cached} were reused\n${resumed.output}`);
}
console.log(`${moments} kills, ${reused} finished tasks reused, ${wrong} wrong (seed ${seed})`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = wrong === 0 ? 0 : 1;

function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function sum(name: string): string | undefined {
  const [found] = globSync('out/sum', { cwd: place(name) });
  return found === undefined ? undefined : readFileSync(join(place(name), found), 'utf8');
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly milliseconds: number;
}

function timed(cwd: string, options: readonly string[], killAfter?: number): Promise<Ended> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'packages/cli/helicase.ts'), 'nextflow', 'run', join(folder, 'main.nf'), ...options],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((done) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, output, milliseconds: performance.now() - started });
    }),
  );
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function mulberry(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
