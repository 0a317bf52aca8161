import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs a temporary PostgreSQL for as long as the tests' process lives, however that ends: the pipe on standard
 * input closes with it. Arguments: program, data folder, socket folder, folder to remove, user id, group id,
 * then settings (`fsync=off`).
 */
const [program, data, sockets, folder, user, group, ...settings] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  ...string[],
];
const server = spawn(
  program,
  ['-D', data, '-k', sockets, ...settings.flatMap((setting) => ['-c', setting])],
  { stdio: ['ignore', 'ignore', 'inherit'], uid: Number(user), gid: Number(group) },
);

function end(): void {
  server.kill('SIGQUIT'); // immediate shutdown: nothing of it is kept
}
process.stdin.on('data', () => {}).on('close', end);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
server.on('close', (code) => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(code ?? 0);
});
