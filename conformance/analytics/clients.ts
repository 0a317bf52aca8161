import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWorld, sharedData } from '../../e2e/world.ts';
import { readWithTrino } from './trino-reader.ts';

/**
 * PyAthena, awswrangler and PyIceberg as they come from PyPI run the guide's VEP query and read the tables, then Spark and
 * Trino do: node conformance/analytics/clients.ts PYTHON [--spark SPARK_PYTHON JARS] [--trino HOME]. PYTHON has boto3,
 * pyathena, awswrangler and pyiceberg[pyarrow,s3fs]; SPARK_PYTHON has pyspark, and JARS is a folder with
 * iceberg-spark-runtime and iceberg-aws-bundle; HOME is Maven's io.trino:trino-server (tar.gz, 476 here) unpacked, and
 * JAVA_HOME the JDK that it wants.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { spark: { type: 'string' }, trino: { type: 'string' } },
});
const [python = 'python3', jars = '.'] = positionals;
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
  let failed = run(python, 'clients.py', { SHARED_DATA: sharedData });
  if (!failed && values.spark) failed = run(values.spark, 'spark.py', { SPARK_JARS: jars });
  process.exitCode = failed;
  if (!failed && values.trino) await readWithTrino(values.trino, world.environment);
} finally {
  await world.close();
}
