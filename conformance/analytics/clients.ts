import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openWorld, sharedData } from '../../e2e/world.ts';

/**
 * PyAthena, awswrangler and PyIceberg as they come from PyPI run the guide's VEP query and read the tables:
 * node conformance/analytics/clients.ts PYTHON, a Python that has boto3, pyathena, awswrangler and pyiceberg[pyarrow,s3fs].
 */
const [python = 'python3'] = process.argv.slice(2);
const world = await openWorld();
try {
  const run = spawnSync(python, [join(import.meta.dirname, 'clients.py')], {
    env: { ...world.environment, SHARED_DATA: sharedData },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
  });
  process.exitCode = run.status ?? 1;
} finally {
  await world.close();
}
