// kindred run: a program of its own, which starts in less time than this one is loaded.

#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/native/own_program.h"
#include "core/native/subcommands.h"

namespace kindred {

int run_main(int, char** argv) {
  for (const std::string& path : own_program_paths("kindred-run", "../kindred-run")) {
    ::execv(path.c_str(), argv);
    if (errno != ENOENT)
      return fatal("kindred run", {"unable to run ", path, ": ", system_error_text(errno)});
  }
  return fatal("kindred run",
               {"unable to run ", KINDRED_LIBEXEC "/kindred-run", ": ", system_error_text(ENOENT)});
}

}  // namespace kindred
