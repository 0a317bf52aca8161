/**
 * One trivial tool, from the start of `helicase cwl run` to its exit, against `cwltool --no-container` (from PyPI or
 * Debian; its path in CWLTOOL). Prints the ratio of the medians; exits 1 below the target of 4.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, runners, timeOf } from './cwl-peer.ts';

const ROUNDS = 7;
const TARGET = 4;
const TOOL = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs: { word: { type: string, default: hello, inputBinding: {} } }
outputs: { said: stdout }
`;

const folder = mkdtempSync(join(tmpdir(), 'cwl-start-'));
try {
  const tool = join(folder, 'echo.cwl');
  writeFileSync(tool, TOOL);
  const { ours, peer } = runners();
  const times = { ours: [] as number[], peer: [] as number[] };
  timeOf(ours, join(folder, 'warm'), [tool]); // what is compiled once per version is compiled
  timeOf(peer, join(folder, 'warm'), [tool]);
  for (let round = 0; round < ROUNDS; round += 1) {
    times.peer.push(timeOf(peer, join(folder, 'peer'), [tool]));
    times.ours.push(timeOf(ours, join(folder, 'ours'), [tool]));
  }
  const [own, theirs] = [median(times.ours), median(times.peer)];
  const ratio = theirs / own;
  console.log(`${ours.name} ${own.toFixed(2)} s, ${peer.name} ${theirs.toFixed(2)} s`);
  console.log(
    `one trivial tool, start to exit: ${ratio.toFixed(1)} times faster (target: at least ${TARGET})`,
  );
  if (ratio < TARGET) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
