/* A service of storm.py: says that it has started, and numbers its lines until TERM.
   storm_writer DIRECTORY [READY]: DIRECTORY/starts gets the pid, DIRECTORY/written the number of lines at the end, and
   descriptor READY a newline. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kBurst = 10 };
static const struct timespec kPause = {0, 100 * 1000 * 1000};

static volatile sig_atomic_t ended;
static void on_term(int signal_number) {
  (void)signal_number;
  ended = 1;
}

static void write_whole(int fd, const char* text, size_t size) {
  while (size > 0) {
    const ssize_t done = write(fd, text, size);
    if (done < 0 && errno != EINTR) exit(111);
    if (done <= 0) continue;
    text += done;
    size -= (size_t)done;
  }
}

static void note(const char* directory, const char* name, long number) {
  char path[4096], text[32];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) exit(111);
  write_whole(fd, text, (size_t)snprintf(text, sizeof text, "%ld\n", number));
  close(fd);
}

int main(int argc, char** argv) {
  if (argc < 2) return 100;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_term;
  sigaction(SIGTERM, &action, NULL);
  note(argv[1], "starts", getpid());
  if (argc > 2) write_whole(atoi(argv[2]), "\n", 1);
  long number = 0;
  while (!ended) {
    char text[kBurst * 40];
    size_t size = 0;
    for (int i = 0; i < kBurst; ++i)
      size += (size_t)snprintf(text + size, sizeof text - size, "%ld %ld\n", (long)getpid(), number++);
    write_whole(1, text, size);
    nanosleep(&kPause, NULL);
  }
  note(argv[1], "written", number);
  return 0;
}
