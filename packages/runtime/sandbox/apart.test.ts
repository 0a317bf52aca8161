import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { systemClock } from '@helicase/kernel';
import type { TaskRequest } from '../task.ts';
import {
  ACTOR,
  forgetGroups,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testRunner,
  testSandbox,
} from '../testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-apart-${process.pid}`;
const skip = (await noSandbox(directory)) || (process.getuid!() !== 0 && 'launchers of root alone are apart');
const sandbox = testSandbox(directory, owner);
const runner = testRunner(directory, [sandbox]);
let attempts = 0;

/** The launcher is compiled already: the next task gets the place of the last one. */
function start(argv: readonly string[], request: Partial<TaskRequest> = {}, signal?: AbortSignal) {
  const attemptId = `attempt-${++attempts}`;
  const outcome = runner.run({
    ...{ runId: 'run', attemptId, actor: ACTOR, readable: [directory] },
    request: shellTask('', { argv, ...request }),
    ...(signal && { signal }),
  });
  return { work: runner.paths('run', attemptId).work, outcome };
}

async function said(argv: readonly string[], request?: Partial<TaskRequest>): Promise<string> {
  return readFileSync((await start(argv, request).outcome).stdoutPath, 'utf8');
}

const shell = (script: string) => ['bash', '-c', script];
const perl = (script: string) => ['perl', '-MSocket', '-e', script];

/** Everything that the kernel counts of a network, without what is zero. */
const TRACES = String.raw`grep -v '^ *$' /proc/net/dev | tail -n +3 | tr -s ' ' '\n' | grep -vx 'lo:\|0\|'
  grep ' [1-9]' /proc/net/snmp | sed 's/^Ip: [0-9]* [0-9]*//; s/^Tcp: [0-9]* [0-9]* [0-9]* -*[0-9]*//' | grep ' [1-9]'
  grep '^[A-Za-z]*: .* [1-9]' /proc/net/netstat
  grep '[[:space:]][1-9][0-9]*$' /proc/net/snmp6
  tail -n +2 /proc/net/ip6_flowlabel /proc/net/unix /proc/net/tcp -q
  grep 'sockets: used [1-9]' /proc/net/sockstat`;

const LISTEN = perl(String.raw`
  my %at = (tcp => [PF_INET, pack_sockaddr_in(4711, INADDR_LOOPBACK)], name => [PF_UNIX, pack("S a*", AF_UNIX, "\0helicase-apart")]);
  my @sockets;
  for my $each (values %at) {
    my $socket;
    socket($socket, $each->[0], SOCK_STREAM, 0) && bind($socket, $each->[1]) && listen($socket, 5) or die $!;
    push @sockets, $socket;
  }
  open(my $ready, ">", "ready"); close $ready;
  sleep 60;`);
const CONNECT = perl(String.raw`
  socket(my $tcp, PF_INET, SOCK_STREAM, 0); print connect($tcp, pack_sockaddr_in(4711, INADDR_LOOPBACK)) ? "reached\n" : "$!\n";
  socket(my $name, PF_UNIX, SOCK_STREAM, 0); print connect($name, pack("S a*", AF_UNIX, "\0helicase-apart")) ? "reached\n" : "$!\n";`);

forgetGroups(owner);
after(() => sandbox.close?.());

describe('tasks whose launchers keep a network for them', { skip }, () => {
  test('do not reach each other: neither by the loopback nor by an abstract name', async () => {
    const both =
      'perl -MSocket -e "$1" & for i in $(seq 600); do [ -e ready ] && break; sleep 0.05; done; perl -MSocket -e "$2"; kill $!';
    const alone = ['sh', '-c', both, 'sh', LISTEN.at(-1)!, CONNECT.at(-1)!];
    assert.equal(await said(alone), 'reached\nreached\n', 'within one task');
    const abort = new AbortController();
    const listening = start(LISTEN, {}, abort.signal);
    let isOver = false;
    void listening.outcome.then(() => (isOver = true));
    while (!existsSync(join(listening.work, 'ready')) && !isOver) await systemClock.sleep(10);
    const answers = await said(CONNECT);
    abort.abort();
    assert.equal((await listening.outcome).status, 'cancelled');
    assert.equal(answers, 'Connection refused\nConnection refused\n');
    assert.equal(await said(CONNECT), 'Connection refused\nConnection refused\n');
  });

  test('find no trace of the last one: no counter of its packets, none of its sockets', async () => {
    const uses = {
      packets: shell('exec 3<>/dev/udp/127.0.0.1/9; echo x >&3; (exec 4<>/dev/tcp/127.0.0.1/9) 2>&1'),
      refused: shell('exec 3<>/dev/udp/198.51.100.1/9; cat < /dev/tcp/2001:db8::1/9'),
      // IPV6_FLOWLABEL_MGR, IPV6_FL_A_GET with IPV6_FL_F_CREATE: the label outlives its socket.
      label: perl(String.raw`
        socket(my $socket, 10, SOCK_DGRAM, 0) or die $!;
        my $wanted = pack("a16 N C C S S S L", "\0" x 15 . "\1", 0, 0, 255, 1, 60, 60, 0);
        setsockopt($socket, 41, 32, $wanted) or die $!;`),
    };
    assert.equal(await said(shell(TRACES)), '', 'the traces of a new network');
    for (const [use, argv] of Object.entries(uses)) {
      const begun = start(['sh', '-c', `"$@"; ${TRACES}`, 'sh', ...argv]);
      assert.notEqual(readFileSync((await begun.outcome).stdoutPath, 'utf8'), '', `${use} leave a trace`);
      assert.equal(await said(shell(TRACES)), '', `${use} of the last task`);
    }
  });

  test('have no power over it', async () => {
    // SIOCSIFFLAGS
    const down =
      'socket(my $s, PF_INET, SOCK_DGRAM, 0); my $lo = pack("a16 s x14", "lo", 0); print ioctl($s, 0x8914, $lo) ? "down" : $!';
    assert.equal(await said(perl(down)), 'Operation not permitted');
    const settings = shell(
      'for f in $(find /proc/sys/net -type f); do (: > $f) 2>/dev/null && echo $f; done',
    );
    assert.equal(await said(settings), '');
  });

  test('have the host’s network where they are given it, and are alone again afterwards', async () => {
    const own = shell('tail -n +3 /proc/net/dev | cut -d: -f1 | LC_ALL=C sort | tr -d " "');
    const hosts = execFileSync(own[0]!, own.slice(1), { encoding: 'utf8' });
    assert.equal(await said(own, { network: true }), hosts);
    assert.equal(await said(own), 'lo\n');
  });
});

describe('tasks whose launchers keep mounts for them', { skip }, () => {
  test('have the usual devices, terminals included, and change none of them', async () => {
    const look = shell(
      'head -c 2 /dev/zero | od -An -tx1; echo lost > /dev/null; head -c 8 /dev/urandom | wc -c; ' +
        '(echo full > /dev/full) 2>&1 | grep -o "No space.*"; cat /dev/stdin; echo x > /dev/shm/x && cat /dev/shm/x; ' +
        'script -qec "tty" /dev/null | tr -d 0-9; ls /dev | tr "\\n" " "',
    );
    const names = 'core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ';
    const lines = [' 00 00', '8', 'No space left on device', 'x', '/dev/pts/\r', names];
    assert.equal(await said(look), lines.join('\n'));
    const change = 'chmod 000 /dev/null /dev/pts/ptmx /dev/shm/..; touch /dev/new /dev/pts; rm -f /dev/zero';
    const outcome = await start(shell(change)).outcome;
    assert.equal(readFileSync(outcome.stderrPath, 'utf8').match(/Read-only file system/g)?.length, 6);
    assert.equal(await said(look), lines.join('\n'));
  });

  test('find nothing in /dev/shm of the last one', async () => {
    assert.equal(await said(shell('echo secret > /dev/shm/left; ls /dev/shm')), 'left\n');
    assert.equal(await said(shell('ls -A /dev/shm')), '');
  });

  test('see what the host mounted since their launcher started', async (context) => {
    const disk = join(directory, 'disk');
    assert.equal(await said(shell('echo before')), 'before\n');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', 'helicase-test', disk]).status !== 0)
      return context.skip('nothing can be mounted');
    try {
      writeFileSync(join(disk, 'reads.fastq'), '@r1\n');
      const uri = `file://${join(disk, 'reads.fastq')}`;
      const inputs = [{ kind: 'uri', uri, target: '/in/reads.fastq' }] as const;
      assert.equal(await said(shell('cat /in/reads.fastq'), { inputs }), '@r1\n');
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});
