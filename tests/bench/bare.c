// bare SCANDIR: the limit that supervisors are measured against. It starts ./run in each directory of
// SCANDIR and starts each again when it ends, and does nothing else: no status, no control, no throttle.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMostPids = 1 << 22, kMostServices = 1 << 16 };

static char* services[kMostServices];
static volatile pid_t pids[kMostServices];
static int count;
static int service_of[kMostPids + 1];

static void start(int index) {
  char* const argv[] = {(char*)"./run", NULL};
  pid_t pid = vfork();
  if (pid == 0) {
    if (chdir(services[index]) == 0) execv("./run", argv);
    _exit(111);
  }
  if (pid < 0 || pid > kMostPids) {
    perror("bare: vfork");
    exit(111);
  }
  pids[index] = pid;
  service_of[pid] = index;
}

static void end(int number) {
  (void)number;
  for (int index = 0; index < count; ++index) {
    if (pids[index] > 0) kill(pids[index], SIGTERM);
  }
  _exit(0);
}

int main(int argc, char** argv) {
  DIR* dir = argc == 2 && chdir(argv[1]) == 0 ? opendir(".") : NULL;
  if (!dir) {
    fputs("usage: bare scandir\n", stderr);
    return 100;
  }
  for (struct dirent* entry = readdir(dir); entry && count < kMostServices; entry = readdir(dir)) {
    if (entry->d_name[0] == '.') continue;
    // The directories lie beside each other, and vfork's child alone changes into one: ours stays.
    services[count] = strdup(entry->d_name);
    ++count;
  }
  closedir(dir);
  signal(SIGTERM, end);
  for (int index = 0; index < count; ++index) start(index);
  for (;;) {
    pid_t pid = waitpid(-1, NULL, 0);
    if (pid > 0) start(service_of[pid]);
    if (pid < 0 && errno == ECHILD) pause();
  }
}
