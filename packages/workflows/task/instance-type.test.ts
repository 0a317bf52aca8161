import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceType } from './instance-type.ts';

test('the smallest instance that accommodates CPU and memory', () => {
  const cases = [
    // The guide: "if you need 64 GiB of RAM, then the most cost-effective type is omics.r.2xlarge", of eight vCPUs.
    [{ cpus: 1, memoryGiB: 64, gpus: 0 }, 'omics.r.2xlarge'],
    [{ cpus: 1, memoryGiB: 1, gpus: 0 }, 'omics.c.large'],
    [{ cpus: 2, memoryGiB: 5, gpus: 0 }, 'omics.m.large'],
    [{ cpus: 3, memoryGiB: 8, gpus: 0 }, 'omics.c.xlarge'],
    [{ cpus: 96, memoryGiB: 768, gpus: 0 }, 'omics.r.24xlarge'],
    [{ cpus: 97, memoryGiB: 1, gpus: 0 }, undefined],
    [{ cpus: 4, memoryGiB: 16, gpus: 1 }, 'omics.g5.xlarge'],
    [{ cpus: 1, memoryGiB: 1, gpus: 2 }, 'omics.g5.12xlarge'],
  ] as const;
  for (const [needs, name] of cases) assert.equal(instanceType(needs), name, JSON.stringify(needs));
});
