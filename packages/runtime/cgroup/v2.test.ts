import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../testing/testing.ts';
import { detectControlGroups } from './detect.ts';
import { controlGroupsV2 } from './v2.ts';

// A pure v2 hierarchy cannot be had on every machine: here it is a tree of ordinary files with the names and formats of
// the kernel's Documentation/admin-guide/cgroup-v2.rst. What only the kernel does (killing, refusing) is not shown by it.
const mount = temporaryDirectory();
writeFileSync(join(mount, 'cgroup.controllers'), 'cpuset cpu io memory hugetlb pids rdma misc\n');
writeFileSync(join(mount, 'cgroup.subtree_control'), 'memory pids\n');

const groups = controlGroupsV2({ mount, base: '', parent: '/helicase/test' });
const limits = { cpus: 1.5, memoryBytes: 2 ** 30, processes: 4096 };
const read = (path: string) => readFileSync(join(mount, path), 'utf8');

describe('control groups v2', () => {
  test('hand the controllers down to our folder, adding only those that are missing', () => {
    assert.equal(read('cgroup.subtree_control'), '+cpu +io');
    assert.equal(read('helicase/cgroup.subtree_control'), '+cpu +memory +pids');
    assert.equal(read('helicase/test/cgroup.subtree_control'), '+cpu +memory +pids');
  });

  test('write the limits in the words of v2', () => {
    const attempt = join(mount, 'helicase/test/attempt-1');
    mkdirSync(attempt);
    writeFileSync(join(attempt, 'memory.swap.max'), 'max\n');
    const group = groups.create('attempt-1', limits);
    assert.equal(read('helicase/test/attempt-1/memory.max'), '1073741824');
    assert.equal(read('helicase/test/attempt-1/memory.swap.max'), '0');
    assert.equal(read('helicase/test/attempt-1/cpu.max'), '150000 100000');
    assert.equal(read('helicase/test/attempt-1/pids.max'), '4096');
    assert.deepEqual(group.entrances, [join(attempt, 'cgroup.procs')]);
    assert.equal(groups.hierarchyPath('attempt-1'), '/helicase/test/attempt-1');
    assert.deepEqual(groups.list(), ['attempt-1']);
  });

  test('read killed processes, peak memory, processor time and what went to and from disks', () => {
    const attempt = join(mount, 'helicase/test/attempt-2');
    const group = groups.create('attempt-2', limits);
    assert.deepEqual(group.usage(), { oomKills: 0 });
    writeFileSync(
      join(attempt, 'memory.events'),
      'low 0\nhigh 0\nmax 91\noom 2\noom_kill 1\noom_group_kill 0\n',
    );
    writeFileSync(join(attempt, 'memory.peak'), '1073737728\n');
    writeFileSync(join(attempt, 'cpu.stat'), 'usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n');
    writeFileSync(
      join(attempt, 'io.stat'),
      '8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n' +
        '8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021\n',
    );
    assert.deepEqual(group.usage(), {
      ...{ oomKills: 1, peakMemoryBytes: 1073737728, cpuSeconds: 2.5 },
      ...{ readBytes: 1459200 + 90430464, writtenBytes: 314773504 + 299008000 },
    });
  });

  test('kill all at once, let nothing new appear, and hold back nothing that dies', () => {
    const attempt = join(mount, 'helicase/test/attempt-3');
    const group = groups.create('attempt-3', limits);
    writeFileSync(join(attempt, 'cgroup.kill'), '');
    group.kill();
    assert.equal(read('helicase/test/attempt-3/cgroup.kill'), '1');
    assert.equal(read('helicase/test/attempt-3/pids.max'), '0');
    assert.equal(read('helicase/test/attempt-3/cpu.max'), 'max');
    assert.equal(read('helicase/test/attempt-3/memory.max'), 'max');
  });

  test('are found where the mounts of the machine say', () => {
    const proc = temporaryDirectory();
    const line = `31 23 0:27 / ${mount} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n`;
    writeFileSync(join(proc, 'mountinfo'), `23 1 8:1 / / rw - ext4 /dev/sda1 rw\n${line}`);
    writeFileSync(join(proc, 'cgroup'), '0::/user.slice/session.scope\n');
    const found = detectControlGroups({ owner: 'server-1', proc });
    assert.equal(found.version, 2);
    assert.ok(existsSync(join(mount, 'helicase/server-1')));
  });

  test('are made in the group that was delegated, out of which all others move, those of the server before too', () => {
    const own = temporaryDirectory();
    mkdirSync(join(own, 'cgroup.subtree_control')); // what is not ours cannot be written
    writeFileSync(join(own, 'cgroup.controllers'), 'cpu io memory pids\n');
    mkdirSync(join(own, 'lab'));
    writeFileSync(join(own, 'lab/cgroup.procs'), '4711\n');
    const proc = temporaryDirectory();
    writeFileSync(join(proc, 'mountinfo'), `31 23 0:27 / ${own} rw - cgroup2 cgroup2 rw,nsdelegate\n`);
    for (const group of ['/lab', '/lab/helicase-server']) {
      writeFileSync(join(proc, 'cgroup'), `0::${group}\n`);
      const found = detectControlGroups({ owner: 'server-1', proc });
      assert.equal(found.hierarchyPath('attempt-1'), '/lab/helicase/server-1/attempt-1');
      assert.equal(readFileSync(join(own, 'lab/helicase-server/cgroup.procs'), 'utf8'), '4711');
    }
  });

  test('are said to be unavailable, with the remedy, where nothing is mounted', () => {
    const proc = temporaryDirectory();
    writeFileSync(join(proc, 'mountinfo'), '23 1 8:1 / / rw - ext4 /dev/sda1 rw\n');
    writeFileSync(join(proc, 'cgroup'), '0::/\n');
    assert.throws(
      () => detectControlGroups({ owner: 'x', proc }),
      /No control group hierarchy .* Start the server as root, or as a systemd unit or scope with Delegate=yes/,
    );
  });
});
