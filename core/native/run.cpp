// kindred run: a program of its own, which starts in less time than this one is loaded.

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/native/subcommands.h"

namespace kindred {

int run_main(int, char** argv) {
  std::array<char, 4096> self;
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  const bool known = size > 0 && size < static_cast<ssize_t>(self.size());
  const std::string_view program = known ? std::string_view(self.data(), static_cast<std::size_t>(size)) : "";
  const std::string directory(program.substr(0, program.rfind('/') + 1));
  // Where it is installed, and where it is built; without /proc, only the former.
  for (const std::string& path : {directory + "../libexec/kindred/kindred-run", directory + "../kindred-run",
                                  std::string(KINDRED_LIBEXEC "/kindred-run")}) {
    ::execv(path.c_str(), argv);
    if (errno != ENOENT)
      return fatal("kindred run", {"unable to run ", path, ": ", system_error_text(errno)});
  }
  return fatal("kindred run",
               {"unable to run ", KINDRED_LIBEXEC "/kindred-run", ": ", system_error_text(ENOENT)});
}

}  // namespace kindred
