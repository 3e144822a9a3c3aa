// s6-svok DIR: whether a supervisor looks after DIR, by exit code. Source: interfaces/s6.md section 10.4.

#include <fcntl.h>

#include <cerrno>

#include "compat-s6/client/command_line.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"

namespace kindred::s6 {

int svok_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-svok";
  constexpr int kNotSupervised = 1;
  if (argc < 2) return usage(kProgram, "s6-svok servicedir");
  const auto directory = ServiceDirectory::open(AT_FDCWD, argv[1]);
  const auto supervised = directory ? directory->supervised(KnownFamilies{dialect(), families()})
                                    : Result<bool>(directory.error());
  if (supervised) return *supervised ? 0 : kNotSupervised;
  if (supervised.error().code == ENOENT) return kNotSupervised;
  return die(kProgram, error_here("check", argv[1], supervised.error().code));
}

}  // namespace kindred::s6
