#include "core/frontend/svok.h"

#include <fcntl.h>

#include <cerrno>
#include <string>

#include "core/cli/output.h"

namespace kindred {

int svok(std::string_view program, const char* path, const KnownFamilies& families) {
  constexpr int kNotSupervised = 100;
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return fatal(program, directory.error());
  const auto supervised = directory->supervised(families);
  if (supervised) return *supervised ? 0 : kNotSupervised;
  const Error& error = supervised.error();
  if (error.code == ENOENT) return kNotSupervised;
  const std::string service = error.object.starts_with('/') ? "" : std::string(path) + "/";
  return fatal(program, {"unable to ", error.operation, " ", service, error.object, ": ", why(error)});
}

}  // namespace kindred
