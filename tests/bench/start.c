// start ROUNDS INPUT: runs each command of standard input that often, in turns, and tells how long it took; and once, how
// much it asked of the kernel. A command is a line, its words have tabs between; it becomes another program in its own
// process, once, as chain tools do. Each reads the file INPUT from its beginning, and what it writes is lost.
//
// A line for each: median and least nanoseconds from vfork to the end, page faults, system calls of the first program.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kMostCommands = 256, kMostWords = 64, kLongestLine = 8192 };

static char* commands[kMostCommands][kMostWords + 1];
static int64_t* times[kMostCommands];
static int count;
static int nowhere;

static void fail(const char* what, int command) {
  fprintf(stderr, "start: %s: %s: %s\n", command >= 0 ? commands[command][0] : "", what, strerror(errno));
  exit(111);
}

static void read_commands(void) {
  static char line[kLongestLine];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    int words = 0;
    if (count == kMostCommands) fail("too many commands", -1);
    // strtok would swallow words that are empty.
    for (char *rest = strdup(line), *word; (word = strsep(&rest, "\t")) != NULL;) {
      if (words == kMostWords) fail("too many words", -1);
      commands[count][words++] = word;
    }
    ++count;
  }
}

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * INT64_C(1000000000) + at.tv_nsec;
}

static int64_t run(int command, long* faults) {
  struct rusage usage;
  int status;
  lseek(0, 0, SEEK_SET);
  const int64_t began = now();
  const pid_t pid = vfork();
  if (pid == 0) {
    dup2(nowhere, 1);
    execv(commands[command][0], commands[command]);
    _exit(126);
  }
  if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) fail("run", command);
  const int64_t took = now() - began;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    errno = 0;
    fail("did not end with 0", command);
  }
  *faults = usage.ru_minflt;
  return took;
}

// From the first exec to the second.
static long system_calls(int command) {
  lseek(0, 0, SEEK_SET);
  const pid_t pid = fork();
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(125);
    raise(SIGSTOP);
    dup2(nowhere, 1);
    execv(commands[command][0], commands[command]);
    _exit(126);
  }
  int status;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) fail("trace", command);
  if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD) != 0)
    fail("trace", command);
  long stops = 0;
  int execs = 0, signal = 0;
  for (;;) {
    if (ptrace(PTRACE_SYSCALL, pid, NULL, signal) != 0 || waitpid(pid, &status, 0) != pid) fail("trace", command);
    if (!WIFSTOPPED(status)) break;
    signal = 0;
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
      if (++execs == 2) {
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
        waitpid(pid, &status, 0);
        break;
      }
      stops = 0;
    } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      ++stops;
    } else {
      signal = WSTOPSIG(status);
    }
  }
  // The end of the first exec is seen too, each other call twice, and the last exec's beginning.
  return stops / 2;
}

static int by_value(const void* a, const void* b) {
  const int64_t left = *(const int64_t*)a, right = *(const int64_t*)b;
  return left < right ? -1 : left > right;
}

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? atoi(argv[1]) : 0;
  if (rounds < 1) {
    fputs("usage: start rounds input <commands\n", stderr);
    return 100;
  }
  read_commands();
  const int input = open(argv[2], O_RDONLY | O_CLOEXEC);
  if (input == -1 || dup2(input, 0) == -1) fail(argv[2], -1);
  nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere == -1) fail("/dev/null", -1);
  long faults[kMostCommands];
  for (int i = 0; i < count; ++i) {
    times[i] = calloc((size_t)rounds, sizeof *times[i]);
    // The first run of each reads its file.
    if (times[i] == NULL) fail("remember times", i);
    run(i, &faults[i]);
  }
  for (int round = 0; round < rounds; ++round)
    for (int i = 0; i < count; ++i) {
      // Once without counting: what the processor still knows of the program must not depend on who came before.
      run(i, &faults[i]);
      times[i][round] = run(i, &faults[i]);
    }
  for (int i = 0; i < count; ++i) {
    qsort(times[i], (size_t)rounds, sizeof *times[i], by_value);
    printf("%lld %lld %ld %ld\n", (long long)times[i][rounds / 2], (long long)times[i][0], faults[i], system_calls(i));
  }
  return 0;
}
