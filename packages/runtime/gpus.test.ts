import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostGpus } from './gpus.ts';
import { temporaryDirectory } from './testing/testing.ts';

const directory = temporaryDirectory();

/** The form of the driver's file: NVIDIA's README, chapter "The /proc Filesystem Interface". */
const information = (model: string, minor: number) => `Model: \t\t ${model}
IRQ:   \t\t 35
GPU UUID: \t GPU-6b3d1b0a-0000-0000-0000-000000000000
Video BIOS: \t 90.04.96.00.02
Bus Type: \t PCIe
DMA Size: \t 47 bits
DMA Mask: \t 0x7fffffffffff
Bus Location: \t 0000:00:1e.0
Device Minor: \t ${minor}
GPU Excluded:\t No
`;

test('the GPUs that the driver lists, by the number of their device', () => {
  for (const [bus, model, minor] of [
    ['0000:00:1e.0', 'Tesla T4', 1],
    ['0000:00:1d.0', 'NVIDIA A10G', 0],
  ] as const) {
    mkdirSync(join(directory, bus));
    writeFileSync(join(directory, bus, 'information'), information(model, minor));
  }
  assert.deepEqual(hostGpus(directory), [
    { minor: 0, model: 'NVIDIA A10G' },
    { minor: 1, model: 'Tesla T4' },
  ]);
});

test('a machine without the driver has none', () => {
  assert.deepEqual(hostGpus(join(directory, 'none')), []);
});
