// lines SIZE BYTES: writes so many bytes of lines of SIZE bytes each to standard output, as fast as a pipe takes
// them. lines SIZE 0 COUNT MILLISECONDS: COUNT lines, one at a time.
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char text[1 << 18];

int main(int argc, char** argv) {
  if (argc < 3) return 100;
  const size_t size = strtoul(argv[1], NULL, 10);
  unsigned long long rest = strtoull(argv[2], NULL, 10);
  const size_t at_once = size == 0 || size > sizeof text ? 0 : 65536 / size > 1 ? 65536 / size * size : size;
  if (at_once == 0) return 100;
  for (size_t i = 0; i < at_once; ++i) text[i] = i % size == size - 1 ? '\n' : (char)('a' + i * 7 % 23);
  for (unsigned long left = argc > 4 ? strtoul(argv[3], NULL, 10) : 0; left > 0; --left) {
    const long pause = atol(argv[4]);
    const struct timespec wait = {pause / 1000, pause % 1000 * 1000000};
    if (write(1, text, size) != (ssize_t)size) return 111;
    nanosleep(&wait, NULL);
  }
  while (rest > 0) {
    const ssize_t written = write(1, text, rest < at_once ? (size_t)rest : at_once);
    if (written <= 0) return 111;
    rest -= (unsigned long long)written;
  }
  return 0;
}
