import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Value } from '../value.ts';
import { Demands } from './demands.ts';
import { acceleratorsOf, imageOf, permissionsOf } from './request-parts.ts';

const demands = (name: string, members: Readonly<Record<string, Value>>) =>
  new Demands(new Map(), new Map([[name, { class: name, ...members }]]));
const plain = (value: Value) => value;
const PLACE = { file: 'main.cwl', line: 1, column: 1 };

describe('what a tool requires of its task', () => {
  // "The accelerator type is determined by cudaComputeCapability": the guide's three types.
  test('GPUs of the guide’s kinds', () => {
    for (const type of ['nvidia-tesla-t4', 'nvidia-tesla-a10g', 'nvidia-tesla-t4-a10g']) {
      const cuda = demands('CUDARequirement', {
        cudaDeviceCountMin: 2,
        cudaComputeCapability: type,
        cudaVersionMin: '1.0',
      });
      assert.deepEqual(acceleratorsOf(cuda, plain), { accelerators: { count: 2, type } });
    }
  });

  test('GPUs of any kind where a least capability is told, as cwltool has it', () => {
    const cuda = demands('CUDARequirement', { cudaComputeCapability: '7.5', cudaDeviceCountMax: 4 });
    assert.deepEqual(acceleratorsOf(cuda, plain), { accelerators: { count: 4 } });
  });

  test('refuses GPUs that nobody has', () => {
    const cuda = (members: Readonly<Record<string, Value>>) => () =>
      acceleratorsOf(demands('CUDARequirement', members), plain);
    assert.throws(
      cuda({ cudaComputeCapability: 'nvidia-tesla-v100' }),
      /"nvidia-tesla-v100" is none of nvidia-tesla-t4/,
    );
    assert.throws(cuda({ cudaDeviceCountMin: 0 }), /cudaDeviceCountMin must be a whole number of 1 or more/);
    assert.throws(
      cuda({ cudaDeviceCountMin: 2, cudaDeviceCountMax: 1 }),
      /cudaDeviceCountMax is 1, less than/,
    );
  });

  test('an image, also as an expression of an input', () => {
    const docker = demands('DockerRequirement', { dockerPull: '$(inputs.docker_image)' });
    assert.deepEqual(
      imageOf(docker, () => 'debian:12', PLACE),
      { image: 'debian:12', entrypoint: true },
    );
    // As the guide prints it, "${inputs.docker_image}" is a function body that returns nothing.
    assert.throws(() => imageOf(docker, () => null, PLACE), /dockerPull must name an image/);
  });

  test('no network and results that may be reused, unless told otherwise', () => {
    assert.deepEqual(permissionsOf(new Demands(new Map()), plain), { network: false });
    assert.deepEqual(permissionsOf(demands('WorkReuse', { enableReuse: false }), plain), {
      network: false,
      reuse: false,
    });
    assert.deepEqual(permissionsOf(demands('NetworkAccess', { networkAccess: true }), plain), {
      network: true,
    });
  });
});
