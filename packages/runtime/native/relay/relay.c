/*
 * Becomes a command in a network namespace of its own that leads to one place alone:
 *
 *   relay FOLDER PORT COMMAND...
 *
 * Connections to PORT of the namespace's loopback end at the Unix socket FOLDER/service.sock of the host. There is no
 * other interface: every other address is unreachable, as in a namespace that is empty. What carries the bytes is a
 * child of the command, outside of its sandbox, and ends with it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REFUSED 125
#define WAITING 64
#define PIECE 65536

static void refuse(const char *what) {
  fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
  _exit(REFUSED);
}

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0) refuse(path);
  close(file);
}

/* Whoever is not root makes a user namespace that owns the network, and stays the same user in it. */
static void own_network(void) {
  char map[64];
  uid_t user = geteuid();
  gid_t group = getegid();
  if (unshare(CLONE_NEWNET) == 0) return;
  if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) refuse("a network namespace");
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "%u %u 1", user, user);
  write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "%u %u 1", group, group);
  write_file("/proc/self/gid_map", map);
}

static int listen_on_loopback(int port) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int on = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || ioctl(listener, SIOCSIFFLAGS, &loopback) < 0) refuse("the loopback interface");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, WAITING) < 0)
    refuse("the loopback's port");
  return listener;
}

/* By way of the folder's descriptor: a socket's own path may not be longer than 107 bytes. */
static int connect_to_host(int folder) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int host = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/service.sock", folder);
  if (host < 0 || connect(host, (struct sockaddr *)&address, sizeof address) < 0) _exit(1);
  return host;
}

/* What can be read of `from`, all of it, to `to`. Answers 0 at the end of `from`. */
static int pass(int from, int to) {
  static char piece[PIECE];
  ssize_t got = read(from, piece, sizeof piece);
  if (got < 0 && errno == EINTR) return 1;
  if (got <= 0) {
    shutdown(to, SHUT_WR);
    return 0;
  }
  for (ssize_t done = 0; done < got;) {
    ssize_t written = write(to, piece + done, got - done);
    if (written < 0 && errno != EINTR) _exit(0);
    if (written > 0) done += written;
  }
  return 1;
}

/* One connection, to the end of both directions. */
static void carry(int task, int host) {
  struct pollfd ends[2] = {{task, POLLIN, 0}, {host, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends, 2, -1) < 0 && errno != EINTR) _exit(1);
    for (int i = 0; i < 2; i++)
      if (ends[i].fd >= 0 && ends[i].revents && !pass(ends[i].fd, i == 0 ? host : task)) ends[i].fd = -1;
  }
  _exit(0);
}

/* It ends with its parent, whatever ends that; a task that is asked to end may still use the way. */
static void live_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
}

/* Holds none of the command's streams. */
static void let_go(int listener, int folder) {
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int file = 0; file < 3; file++) dup2(nothing, file);
  for (int file = 3; file < 64; file++)
    if (file != listener && file != folder) close(file);
}

static void serve(int listener, int folder) {
  for (;;) {
    int task = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (task < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (task < 0) {
      poll(NULL, 0, 100); /* the task's limit of processes or files is reached: it may be over soon */
      continue;
    }
    pid_t server = getpid();
    pid_t carrier = fork();
    if (carrier == 0) {
      live_with(server);
      close(listener);
      carry(task, connect_to_host(folder));
    }
    close(task);
  }
}

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "relay: FOLDER PORT COMMAND...\n");
    return REFUSED;
  }
  int folder = open(arguments[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) refuse(arguments[1]);
  own_network();
  int listener = listen_on_loopback(atoi(arguments[2]));
  pid_t command = getpid();
  pid_t server = fork();
  if (server < 0) refuse("a process for the relay");
  if (server == 0) {
    live_with(command);
    let_go(listener, folder);
    serve(listener, folder);
  }
  close(listener);
  close(folder);
  execvp(arguments[3], arguments + 3);
  refuse(arguments[3]);
}
