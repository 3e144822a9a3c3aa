// svup [-L] [-l] DIR: whether a service is up, by exit code. Source: interfaces/encore.md section 10.3.

#include <fcntl.h>

#include <cerrno>

#include "compat-encore/client/role_status.h"
#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/cli/output.h"

namespace kindred::encore {
namespace {

constexpr std::string_view kProgram = "svup";
constexpr int kNotUp = 100;

int usage() {
  print_error({"svup: usage: svup [-L] [-l] dir"});
  return kExitUsage;
}

/// What is not there is not up; anything else that stands in the way is trouble.
int refused(const Error& error) {
  if (error.code == ENOENT) return kNotUp;
  if (error.code == kBadFormat) return fatal(kProgram, {"bad data in ", error.object, ": truncated file"});
  return fatal(kProgram, error);
}

}  // namespace

int svup_main(int argc, char** argv) {
  Options options(argc, argv, kRoleOptions, LongDashes::All);
  const std::optional<RolesAsked> asked = roles_asked(options);
  if (!asked || options.operands().empty()) return usage();
  const char* const path = options.operands().front();
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return fatal(kProgram, directory.error());
  const Home home(path);
  const KnownFamilies known = home.known();
  const auto supervised = directory->supervised(known);
  if (!supervised) return refused(supervised.error());
  if (!*supervised) return kNotUp;
  const auto seen = directory->observe(known);
  if (!seen) return refused(seen.error());
  const PairStatus pair = pair_status(*directory, *seen, known);
  const bool main_up = !asked->main || pair.main.up();
  const bool log_up = !asked->log || (pair.log ? pair.log->up() : asked->main);
  return main_up && log_up ? 0 : kNotUp;
}

}  // namespace kindred::encore
