// What a cell's services consist of, under the name of each script: it appends what happens to it to the file
// `trace`, a word and its pid a line. Flag files in its directory say how it behaves.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
  int number;
  const char* name;
} kHeard[] = {
    {SIGHUP, "SIGHUP"},   {SIGALRM, "SIGALRM"}, {SIGINT, "SIGINT"},   {SIGTERM, "SIGTERM"},
    {SIGQUIT, "SIGQUIT"}, {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"},
};

static int is_there(const char* name) { return access(name, F_OK) == 0; }

static void note_in(const char* file, const char* word) {
  char line[64];
  const int size = snprintf(line, sizeof line, "%s %d\n", word, getpid());
  const int trace = open(file, O_WRONLY | O_APPEND | O_CREAT, 0644);
  // The whole line or nothing: readers look while it is written.
  if (trace < 0 || write(trace, line, (size_t)size) != size) exit(125);
  close(trace);
}

static void note(const char* word) { note_in("trace", word); }

// Long enough to be noticed by whoever does not wait.
static void dawdle(void) {
  sigset_t none;
  sigemptyset(&none);
  const struct timespec delay = {0, 700 * 1000 * 1000};
  sigtimedwait(&none, NULL, &delay);
}

static int run(void) {
  sigset_t heard;
  sigemptyset(&heard);
  for (size_t i = 0; i < sizeof kHeard / sizeof *kHeard; ++i) sigaddset(&heard, kHeard[i].number);
  sigprocmask(SIG_BLOCK, &heard, NULL);
  note("start");
  if (is_there("fails")) return 1;
  if (is_there("slow-to-start")) {
    dawdle();
    close(open("ready", O_WRONLY | O_CREAT, 0644));
  }
  for (;;) {
    int number = 0;
    sigwait(&heard, &number);
    for (size_t i = 0; i < sizeof kHeard / sizeof *kHeard; ++i)
      if (kHeard[i].number == number) note(kHeard[i].name);
    if (number != SIGTERM || is_there("ignores-term")) continue;
    if (is_there("slow-to-end")) dawdle();
    return 0;
  }
}

// What follows a run: it stays where the cell wants to see it; otherwise only those look for it who know that
// it comes.
static int finish(const char* script) {
  if (!is_there("holds")) {
    note_in("passed", script);
    return 0;
  }
  note("finish");
  pause();
  return 0;
}

int main(int argc, char** argv) {
  const char* slash = strrchr(argv[0], '/');
  const char* script = slash != NULL ? slash + 1 : argv[0];
  // perp has one script for both.
  if (strcmp(script, "rc.main") == 0) script = argc > 1 && strcmp(argv[1], "start") == 0 ? "run" : "finish";
  if (strcmp(script, "run") == 0) return run();
  if (strcmp(script, "start") == 0) return 0;
  if (strcmp(script, "check") == 0) return is_there("ready") ? 0 : 1;
  return finish(script);
}
