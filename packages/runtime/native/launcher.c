/*
 * Starts tasks for the server: a server of many megabytes is slow to fork, and a shell that enters control groups costs
 * as much as the task. One launcher runs one task at a time and stays in its control groups between them, so that what
 * it starts is inside them from the first instruction on.
 *
 *   launcher plain|apart [ENTRANCE HOME]...   enters each group by writing its id into ENTRANCE (a cgroup.procs)
 *
 * Programs of a launcher that is `apart` have mounts and a network of its own: see apart.c. Where those cannot be had it
 * says so and ends.
 *
 * Standard input: requests, each a count of bytes and a count of fields (32 bits, this machine's order), then fields: a
 * length, the bytes, NUL. In their order: the largest file in bytes or "-", "host" for the host's network or "-", folder,
 * standard input, output and error, what the program reads from descriptor 4, how many entrances the program alone enters,
 * those, how many variables, the variables, the command. Standard output: lines "started ID", "ended CODE SIGNAL TEXT" (CODE or SIGNAL -1, TEXT what
 * the program wrote to descriptor 3), "empty" when no process of the task is left, or "failed WHY" for all of them.
 *
 * At the end of its input, when the server ended or was killed, it ends the task with all that it started, leaves its
 * groups (into HOME) and removes them.
 */
#define _GNU_SOURCE
#include "apart.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST_REQUEST (64u << 20)
#define STATUS 3
#define INPUT 4
#define STATUS_BYTES 1024
#define FIXED_FIELDS 8 /* of a request, before the entrances */

extern char **environ;

static int groups;
static char **entrances; /* entrances[2 * i], its home in entrances[2 * i + 1] */
static int children;     /* a signalfd for SIGCHLD */
static int is_apart;

static void say(const char *format, ...) {
  char line[STATUS_BYTES + 256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  for (int i = 0; i < length; i++)
    if (line[i] == '\n') line[i] = ' ';
  line[length] = '\n';
  for (int done = 0; done <= length;) {
    ssize_t written = write(1, line + done, length + 1 - done);
    if (written < 0 && errno != EINTR) return; /* nobody listens: the end of the input tells */
    if (written > 0) done += written;
  }
}

/* Whether the process that calls it is in the group now. */
static int enter(const char *entrance) {
  int file = open(entrance, O_WRONLY | O_CLOEXEC);
  if (file < 0) return 0;
  int entered = write(file, "0", 1) == 1;
  int reason = errno;
  close(file);
  errno = reason;
  return entered;
}

/* The owner's folder goes with its last group. */
static void leave_groups(void) {
  for (int i = 0; i < groups; i++) {
    char *folder = entrances[2 * i];
    if (!enter(entrances[2 * i + 1])) continue;
    *strrchr(folder, '/') = 0;
    rmdir(folder);
    *strrchr(folder, '/') = 0;
    rmdir(folder);
  }
}

/* Kills everything below this process: what loses its parent becomes our child (a subreaper's). False where some is left. */
static int end_descendants(int milliseconds) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  for (int pause = 1;; pause = pause < 16 ? pause * 2 : 16) {
    pid_t gone;
    while ((gone = waitpid(-1, NULL, WNOHANG)) > 0) {}
    if (gone < 0 && errno == ECHILD) return 1;
    if (milliseconds <= 0) return 0;
    FILE *list = fopen(path, "re");
    int id;
    while (list && fscanf(list, "%d", &id) == 1)
      if (id > 1) kill(id, SIGKILL);
    if (list) fclose(list);
    struct pollfd wait = {children, POLLIN, 0};
    if (poll(&wait, 1, pause) > 0) {
      struct signalfd_siginfo facts;
      if (read(children, &facts, sizeof facts) < 0) {}
    } else
      milliseconds -= pause;
  }
}

static void quit(void) {
  end_descendants(30000);
  leave_groups();
  _exit(0);
}

static void read_all(void *to, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t got = read(0, (char *)to + done, bytes - done);
    if (got == 0 || (got < 0 && errno != EINTR)) quit();
    if (got > 0) done += got;
  }
}

struct request {
  char *bytes;
  uint32_t size;
  char **fields;
  uint32_t *lengths;
  uint32_t count;
};

/* Answers 0 where the request is not one. */
static int read_request(struct request *request) {
  uint32_t head[2];
  read_all(head, sizeof head);
  if (head[0] > LARGEST_REQUEST || head[1] > head[0]) quit();
  request->size = head[0];
  request->count = head[1];
  request->bytes = malloc(head[0] + 1);
  request->fields = malloc((head[1] + 1) * sizeof(char *));
  request->lengths = malloc((head[1] + 1) * sizeof(uint32_t));
  if (!request->bytes || !request->fields || !request->lengths) quit();
  read_all(request->bytes, head[0]);
  char *at = request->bytes, *end = at + head[0];
  for (uint32_t i = 0; i < head[1]; i++) {
    uint32_t length;
    if (end - at < 4) return 0;
    memcpy(&length, at, 4);
    at += 4;
    if (length >= (uint32_t)(end - at) || at[length] != 0) return 0;
    request->fields[i] = at;
    request->lengths[i] = length;
    at += length + 1;
  }
  request->fields[head[1]] = NULL;
  return head[1] > FIXED_FIELDS;
}

static void forget(struct request *request) {
  free(request->bytes);
  free(request->fields);
  free(request->lengths);
}

static int fault_pipe;

static void fail(const char *what, const char *of) {
  char line[512];
  int length = snprintf(line, sizeof line, "%s%s: %s", what, of, strerror(errno));
  if (write(fault_pipe, line, length < (int)sizeof line ? length : (int)sizeof line - 1) < 0) {}
  _exit(125);
}

static void place(int file, int at, const char *what, const char *of) {
  if (file < 0 || dup2(file, at) < 0) fail(what, of);
}

/* The program's side of the fork. `status` and `input` are above the descriptors that are filled here. */
static void become(struct request *request, int status, int input) {
  char **field = request->fields;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (strcmp(field[0], "-") != 0) {
    rlim_t bytes = strtoull(field[0], NULL, 10);
    struct rlimit largest = {bytes, bytes};
    if (setrlimit(RLIMIT_FSIZE, &largest) < 0) fail("the limit of a file's size", "");
  }
  place(open(field[3], O_RDONLY | O_CLOEXEC), 0, "standard input ", field[3]);
  place(open(field[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), 1, "standard output ", field[4]);
  place(open(field[5], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), 2, "standard error ", field[5]);
  place(status, STATUS, "the status pipe", "");
  place(input, INPUT, "the input", "");
  long entered = strtol(field[FIXED_FIELDS - 1], NULL, 10);
  for (field += FIXED_FIELDS; entered > 0; entered--, field++)
    if (!enter(*field)) fail("the control group ", *field);
  if (enter_mounts() < 0) fail("the mounts", "");
  if (strcmp(request->fields[1], "host") == 0 && enter_host_network() < 0) fail("the host's network", "");
  long variables = strtol(*field++, NULL, 10);
  char **environment = calloc(variables + 1, sizeof(char *));
  if (!environment) fail("memory", "");
  for (long i = 0; i < variables; i++) environment[i] = *field++;
  if (chdir(request->fields[2]) < 0) fail("the folder ", request->fields[2]);
  environ = environment;
  execvp(field[0], field);
  fail("", field[0]);
}

/* The counts say how many strings follow: a request that says more than it has is refused here. */
static int has_command(struct request *request) {
  uint64_t entered = strtoul(request->fields[FIXED_FIELDS - 1], NULL, 10);
  if (FIXED_FIELDS + entered >= request->count) return 0;
  uint64_t variables = strtoul(request->fields[FIXED_FIELDS + entered], NULL, 10);
  return FIXED_FIELDS + 1 + entered + variables < request->count;
}

/* Waits for the program while the server lives. What it tells on `status` is kept in `text`. */
static int await_end(pid_t program, int status, char *text) {
  size_t length = 0;
  int result = 0;
  for (;;) {
    struct pollfd waits[3] = {{children, POLLIN, 0}, {0, POLLRDHUP, 0}, {status, POLLIN, 0}};
    if (poll(waits, 3, -1) < 0 && errno != EINTR) quit();
    if (waits[1].revents) quit(); /* the server is gone: it never hangs up while a task runs */
    if (waits[2].revents) {
      char rest[256];
      int fits = length < STATUS_BYTES - 1;
      ssize_t got = fits ? read(status, text + length, STATUS_BYTES - 1 - length) : read(status, rest, sizeof rest);
      if (got > 0 && fits) length += got;
      if (got <= 0) status = -1; /* ignored by poll */
    }
    if (!waits[0].revents) continue;
    struct signalfd_siginfo facts;
    if (read(children, &facts, sizeof facts) < 0) {}
    int end;
    pid_t gone;
    while ((gone = waitpid(-1, &end, WNOHANG)) > 0)
      if (gone == program) result = end + 0x10000;
    if (result == 0) continue;
    while (status >= 0 && length < STATUS_BYTES - 1) {
      struct pollfd last = {status, POLLIN, 0};
      if (poll(&last, 1, 0) <= 0) break;
      ssize_t got = read(status, text + length, STATUS_BYTES - 1 - length);
      if (got <= 0) break;
      length += got;
    }
    text[length] = 0;
    return result - 0x10000;
  }
}

static int above(int file) {
  int copy = fcntl(file, F_DUPFD_CLOEXEC, 10);
  close(file);
  return copy;
}

static int input_file(struct request *request) {
  int file = memfd_create("input", MFD_CLOEXEC);
  if (file < 0) return -1;
  size_t length = request->lengths[6];
  for (size_t done = 0; done < length;) {
    ssize_t written = write(file, request->fields[6] + done, length - done);
    if (written <= 0) return -1;
    done += written;
  }
  lseek(file, 0, SEEK_SET);
  return above(file);
}

static void perform(struct request *request) {
  int status[2], fault[2];
  const char *missing = is_apart ? renew_apart() : NULL;
  if (missing) {
    say("failed %s: %s", missing, strerror(errno));
    say("empty");
    return;
  }
  int input = input_file(request);
  if (input < 0 || pipe2(status, O_CLOEXEC) < 0 || pipe2(fault, O_CLOEXEC) < 0) quit();
  status[1] = above(status[1]);
  fault[1] = above(fault[1]);
  pid_t program = fork();
  if (program == 0) {
    fault_pipe = fault[1];
    become(request, status[1], input);
  }
  int reason = errno;
  close(status[1]);
  close(fault[1]);
  close(input);
  char why[512];
  ssize_t told = 0;
  if (program > 0) {
    say("started %d", program);
    while ((told = read(fault[0], why, sizeof why - 1)) < 0 && errno == EINTR) {}
  }
  close(fault[0]);
  char text[STATUS_BYTES];
  int end = program > 0 ? await_end(program, status[0], text) : 0;
  close(status[0]);
  if (program < 0)
    say("failed %s", strerror(reason));
  else if (told > 0) {
    why[told] = 0;
    say("failed %s", why);
  } else
    say("ended %d %d %s", WIFEXITED(end) ? WEXITSTATUS(end) : -1, WIFSIGNALED(end) ? WTERMSIG(end) : -1, text);
  if (end_descendants(30000)) say("empty");
}

int main(int count, char **arguments) {
  sigset_t child;
  setsid(); /* the terminal's signals are the server's */
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  is_apart = count > 1 && strcmp(arguments[1], "apart") == 0;
  const char *missing = is_apart ? move_apart() : NULL; /* outside of the groups, which do not count it then */
  if (missing) {
    say("failed %s: %s", missing, strerror(errno));
    return 1;
  }
  groups = (count - 2) / 2;
  entrances = arguments + 2;
  for (int i = 0; i < groups; i++)
    if (!enter(entrances[2 * i])) {
      say("failed %s: %s", entrances[2 * i], strerror(errno));
      return 1;
    }
  for (;;) {
    struct request request;
    if (!read_request(&request) || !has_command(&request)) {
      say("failed the request is not understood");
      say("empty");
    } else
      perform(&request);
    forget(&request);
  }
}
