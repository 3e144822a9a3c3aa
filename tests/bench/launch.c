// launch DIR LIMIT PROGRAM ARGS...: sets the limit of open files, makes a session of its own, goes to
// DIR, notes the time in DIR/ticks and becomes PROGRAM. So the clock of a start begins with the exec
// of the scanner and not with the driver's own fork.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "record.h"

int main(int argc, char** argv) {
  if (argc < 4) {
    fputs("usage: launch dir limit program args...\n", stderr);
    return 100;
  }
  rlim_t files = (rlim_t)strtoul(argv[2], NULL, 10);
  struct rlimit limit = {files, files};
  if (setrlimit(RLIMIT_NOFILE, &limit) || chdir(argv[1])) {
    perror("launch");
    return 111;
  }
  setsid();
  int ticks = open("ticks", O_WRONLY | O_APPEND | O_CLOEXEC);
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  struct record record = {(uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec, 0, (uint32_t)getpid(),
                          kRecordLaunch, 0};
  if (write(ticks, &record, sizeof record) == (ssize_t)sizeof record) execv(argv[3], argv + 3);
  perror("launch");
  return 111;
}
