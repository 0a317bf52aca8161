import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceType } from './instance-type.ts';

const gpus = (count: number, type: string) => ({ count, type });

test('the smallest instance that accommodates CPU and memory', () => {
  const cases = [
    // The guide: "if you need 64 GiB of RAM, then the most cost-effective type is omics.r.2xlarge", of eight vCPUs.
    [{ cpus: 1, memoryGiB: 64 }, 'omics.r.2xlarge'],
    [{ cpus: 1, memoryGiB: 1 }, 'omics.c.large'],
    [{ cpus: 2, memoryGiB: 5 }, 'omics.m.large'],
    [{ cpus: 3, memoryGiB: 8 }, 'omics.c.xlarge'],
    [{ cpus: 96, memoryGiB: 768 }, 'omics.r.24xlarge'],
    [{ cpus: 97, memoryGiB: 1 }, undefined],
    [{ cpus: 4, memoryGiB: 16, accelerators: { count: 1 } }, 'omics.g4dn.xlarge'],
    [{ cpus: 4, memoryGiB: 16, accelerators: gpus(1, 'nvidia-tesla-a10g') }, 'omics.g5.xlarge'],
    [{ cpus: 1, memoryGiB: 1, accelerators: gpus(1, 'nvidia-tesla-t4-a10g') }, 'omics.g4dn.xlarge'],
    [{ cpus: 64, memoryGiB: 300, accelerators: gpus(2, 'nvidia-tesla-t4-a10g') }, 'omics.g5.24xlarge'],
    [{ cpus: 1, memoryGiB: 1, accelerators: gpus(4, 'nvidia-l40s') }, 'omics.g6e.12xlarge'],
    [{ cpus: 1, memoryGiB: 1, accelerators: gpus(2, 'nvidia-tesla-t4') }, 'omics.g4dn.12xlarge'],
    [{ cpus: 1, memoryGiB: 1, accelerators: gpus(8, 'nvidia-tesla-t4') }, undefined],
  ] as const;
  for (const [needs, name] of cases) assert.equal(instanceType(needs), name, JSON.stringify(needs));
});
