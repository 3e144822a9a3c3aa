// launcher MANAGER SCANNER DIRECTORY: nosh's service-manager, in this process, and its service-dt-scanner. The
// place of the socket between them is fixed, so they are given a /run of their own. `launcher` alone tells by its
// exit code whether that is possible here: not without root, and not in a chroot, whose root is no mount point, so
// that what is mounted below it may be seen by others.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { kSocket = 3 };

static void must(int done, const char* what) {
  if (done) return;
  perror(what);
  exit(1);
}

int main(int argc, char** argv) {
  if (argc != 1 && argc != 4) return 2;
  must(unshare(CLONE_NEWNS) == 0, "unshare");
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount");
  must(mount("none", "/run", "tmpfs", 0, "mode=755") == 0, "mount");
  must(mkdir("/run/service-manager", 0700) == 0, "mkdir");
  if (argc == 1) return 0;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, "/run/service-manager/control");
  const int socket_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  must(bind(socket_fd, (struct sockaddr*)&address, sizeof address) == 0, "bind");
  must(socket_fd == kSocket || (dup2(socket_fd, kSocket) == kSocket && close(socket_fd) == 0), "dup2");
  const pid_t scanner = fork();
  must(scanner >= 0, "fork");
  if (scanner == 0) {
    close(kSocket);
    execl(argv[2], argv[2], argv[3], NULL);
    must(0, argv[2]);
  }
  char pid[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  setenv("LISTEN_PID", pid, 1);
  setenv("LISTEN_FDS", "1", 1);
  execl(argv[1], argv[1], NULL);
  must(0, argv[1]);
}
