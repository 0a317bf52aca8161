import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A network of its own with one service on it, as an operator would make it with `ip netns`. */
export interface TestNetwork {
  /** The file of its namespace. */
  readonly path: string;
  /** Of its loopback; whoever connects is told `from the lab`. */
  readonly port: number;
  close(): Promise<void>;
}

const PORT = 8080;
const SERVICE = `require('node:net').createServer((socket) => socket.end('HTTP/1.0 200 OK\\r\\n\\r\\nfrom the lab\\n'))
  .listen(${PORT}, '127.0.0.1', () => console.log(process.pid))`;

/** Entering a namespace takes root. */
export const withoutNamespaces = process.getuid?.() === 0 ? false : 'network namespaces are entered by root';

export async function makeTestNetwork(): Promise<TestNetwork> {
  const inside = ['--unshare-net', '--die-with-parent', '--dev-bind', '/', '/'];
  const child = spawn('bwrap', [...inside, process.execPath, '-e', SERVICE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const service = Number(line.toString());
  return {
    path: `/proc/${service}/ns/net`,
    port: PORT,
    async close() {
      process.kill(service);
      await exited;
    },
  };
}
