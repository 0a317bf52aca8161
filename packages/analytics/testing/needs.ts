import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why a test cannot run here, or false: for the tests' `skip`. */
export function lacking(tools: readonly string[], paths: readonly string[] = []): string | false {
  const tool = tools.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error);
  if (tool) return `${tool} is not installed`;
  const path = paths.find((name) => !existsSync(name));
  return path ? `${path} is not here` : false;
}
