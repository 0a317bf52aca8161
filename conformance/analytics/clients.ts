import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openWorld, sharedData } from '../../e2e/world.ts';

/**
 * PyAthena, awswrangler and PyIceberg as they come from PyPI run the guide's VEP query and read the tables, then Spark does:
 * node conformance/analytics/clients.ts PYTHON [SPARK_PYTHON JARS]. PYTHON has boto3, pyathena, awswrangler and
 * pyiceberg[pyarrow,s3fs]; SPARK_PYTHON has pyspark, and JARS is a folder with iceberg-spark-runtime and iceberg-aws-bundle.
 */
const [python = 'python3', sparkPython, jars = '.'] = process.argv.slice(2);
const world = await openWorld();

function run(program: string, script: string, environment: Readonly<Record<string, string>>): number {
  const { status } = spawnSync(program, [join(import.meta.dirname, script)], {
    env: { ...world.environment, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
  });
  return status ?? 1;
}

try {
  const failed = run(python, 'clients.py', { SHARED_DATA: sharedData });
  process.exitCode = failed || !sparkPython ? failed : run(sparkPython, 'spark.py', { SPARK_JARS: jars });
} finally {
  await world.close();
}
