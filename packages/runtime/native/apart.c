/*
 * bubblewrap copies the mount namespace that it starts in and reads the list of all mounts with every mount that it
 * makes; a network namespace is the dearest of all to make. So the launcher keeps one of each for its tasks, one of which
 * runs at a time:
 *
 * - mounts: those of the host without the kernel's own file systems below /sys, which no task sees. In their place lie
 *   the devices of a task's /dev, as one mount.
 * - a network with nothing but its own loopback. It belongs to the host's user namespace: no task has a capability in it.
 *   The next task gets it only where it is as it was made: no socket left, not one packet counted, none refused.
 */
#define _GNU_SOURCE
#include "apart.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEVICES "/sys" /* packages/runtime/sandbox/host-view.ts knows it too */
#define LARGEST_TRACE 65536

static int host_mounts = -1, host_network = -1, mounts = -1, mount_list = -1;

static int make_devices(void) {
  static const struct {
    const char *name;
    int major, minor;
  } nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
  static const char *links[][2] = {{"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"},
                                   {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
                                   {"/proc/kcore", "core"},       {"pts/ptmx", "ptmx"}};
  if (mount("tmpfs", DEVICES, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") < 0 || chdir(DEVICES) < 0) return -1;
  mode_t mask = umask(0);
  int made = mkdir("shm", 0755) + mkdir("pts", 0755);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    made += mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor));
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) made += symlink(links[i][0], links[i][1]);
  umask(mask);
  if (made < 0) return -1;
  /* Read-only, so that a task which has root's user id as the kernel sees it changes nothing for the next one. */
  unsigned long flags = MS_NOSUID | MS_NOEXEC, fixed = MS_REMOUNT | MS_BIND | MS_RDONLY | flags;
  if (mount("devpts", "pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=620") < 0) return -1;
  if (mount(NULL, DEVICES "/pts", NULL, fixed, NULL) < 0) return -1;
  return mount(NULL, DEVICES, NULL, fixed, NULL);
}

/* True where `/` is the root of its mount namespace: who enters one gets that root, whatever it had. */
static int has_namespace_root(int of) {
  struct stat mine, whole;
  return stat("/", &mine) == 0 && setns(of, CLONE_NEWNS) == 0 && stat("/", &whole) == 0 && mine.st_dev == whole.st_dev &&
         mine.st_ino == whole.st_ino;
}

static int make_mounts(void) {
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return -1;
  while (umount2("/dev/pts", MNT_DETACH) == 0) {}
  while (umount2("/sys", MNT_DETACH) == 0) {}
  if (make_devices() < 0) return -1;
  mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  return mounts;
}

static const char *make_both_ways(void) {
  if (mounts >= 0) close(mounts);
  mounts = -1;
  int made = make_mounts();
  int reason = errno;
  if (setns(host_mounts, CLONE_NEWNS) < 0) return "the way back to the host's mounts";
  errno = reason;
  return made < 0 ? "a mount namespace" : NULL;
}

static int make_network(void) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  if (unshare(CLONE_NEWNET) < 0) return -1;
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return -1;
  int up = ioctl(any, SIOCSIFFLAGS, &loopback);
  close(any);
  return up;
}

/* All that the kernel counts of a network and that outlives a process; of sockets the first line, the others are the
 * machine's. Answers 0 where it cannot be told. */
static size_t read_trace(char *trace) {
  static const char *files[] = {"sockstat", "dev", "snmp", "netstat", "snmp6", "ip6_flowlabel"};
  size_t length = 0;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[64] = "/proc/self/net/";
    int file = open(strcat(path, files[i]), O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT && i > 3) continue; /* a kernel without IPv6 */
    ssize_t got = file < 0 ? -1 : 1;
    size_t begun = length;
    while (got > 0 && length < LARGEST_TRACE)
      if ((got = read(file, trace + length, LARGEST_TRACE - length)) > 0) length += got;
    if (file >= 0) close(file);
    if (got != 0) return 0;
    char *line = i == 0 ? memchr(trace + begun, '\n', length - begun) : NULL;
    if (line) length = line - trace;
  }
  return length;
}

static const char *renew_network(void) {
  static char unused[LARGEST_TRACE], now[LARGEST_TRACE];
  static size_t unused_length;
  if (unused_length > 0 && read_trace(now) == unused_length && memcmp(now, unused, unused_length) == 0) return NULL;
  if (make_network() < 0) return "a network namespace";
  unused_length = read_trace(unused);
  return NULL;
}

const char *renew_apart(void) {
  struct pollfd changed = {mount_list, POLLPRI, 0};
  const char *missing = poll(&changed, 1, 0) > 0 ? make_both_ways() : NULL;
  return missing ? missing : renew_network();
}

const char *move_apart(void) {
  host_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  host_network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  mount_list = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (host_mounts < 0 || host_network < 0 || mount_list < 0) return "its own namespaces";
  if (!has_namespace_root(host_mounts)) return "the root of its mounts";
  const char *missing = make_both_ways();
  return missing ? missing : renew_network();
}

int enter_mounts(void) { return mounts < 0 ? 0 : setns(mounts, CLONE_NEWNS); }

int enter_host_network(void) { return host_network < 0 ? 0 : setns(host_network, CLONE_NEWNET); }
