// svok DIR: whether a supervisor looks after DIR, by exit code. Source: interfaces/daemontools.md
// section 7.2.

#include <fcntl.h>

#include <cerrno>

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"

namespace kindred::daemontools {

int svok_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "svok";
  constexpr int kNotSupervised = 100;
  if (argc < 2) {
    print_error({"svok: usage: svok dir"});
    return kExitUsage;
  }
  const auto directory = ServiceDirectory::open(AT_FDCWD, argv[1]);
  if (!directory) return fatal(kProgram, directory.error());
  const auto supervised = directory->supervised(KnownFamilies{dialect(), families()});
  if (supervised) return *supervised ? 0 : kNotSupervised;
  const Error& error = supervised.error();
  if (error.code == ENOENT) return kNotSupervised;
  return fatal(kProgram, {"unable to ", error.operation, " ", argv[1], "/", error.object, ": ", why(error)});
}

}  // namespace kindred::daemontools
