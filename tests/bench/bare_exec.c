// bare_exec PROGRAM [WORDS...]: becomes the program, and nothing else: what chain tools are measured against.
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc > 1) execv(argv[1], argv + 1);
  return 111;
}
