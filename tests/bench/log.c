// log DIR EXTRA: the least that a logger does, and nothing for the case that something fails: standard input to files of
// 16 MiB in DIR, of which five stay, with EXTRA bytes before each line; 0: no line is looked at. Blocks are as large as
// kindred's, which loses no more to a KILL.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kBlock = 13 * 4096, kMostExtra = 64, kFile = 16 << 20, kKept = 5 };

static char in[kBlock], out[kBlock * (kMostExtra + 1)];

static const char* name(const char* directory, int number) {
  static char text[4096];
  snprintf(text, sizeof text, "%s/%d", directory, number);
  return text;
}

int main(int argc, char** argv) {
  if (argc != 3) return 100;
  const size_t extra = strtoul(argv[2], NULL, 10);
  if (extra > kMostExtra) return 100;
  int file = -1, files = 0;
  size_t size = kFile;
  for (ssize_t got; (got = read(0, in, sizeof in)) > 0;) {
    const char* text = in;
    size_t length = (size_t)got;
    if (extra != 0) {
      char* to = out;
      for (const char *from = in, *end = in + got; from != end;) {
        const char* newline = memchr(from, '\n', (size_t)(end - from));
        const size_t line = (size_t)((newline != NULL ? newline + 1 : end) - from);
        memset(to, '@', extra);
        memcpy(to + extra, from, line);
        to += extra + line;
        from += line;
      }
      text = out;
      length = (size_t)(to - out);
    }
    if (size >= kFile) {
      if (file != -1) close(file);
      unlink(name(argv[1], files - kKept));
      file = open(name(argv[1], files++), O_WRONLY | O_CREAT | O_APPEND, 0644);
      if (file == -1) return 111;
      size = 0;
    }
    if (write(file, text, length) != (ssize_t)length) return 111;
    size += length;
  }
  return 0;
}
