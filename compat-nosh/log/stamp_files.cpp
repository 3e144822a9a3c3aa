#include "compat-nosh/log/stamp_files.h"

#include <fcntl.h>

#include <cerrno>

#include "compat-nosh/client/options.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {

int filter_files(std::string_view program, std::span<char* const> files, TextFilter& filter) {
  const auto pass = [&](int input, std::string_view name) {
    const Status done = filter_text(input, 1, filter);
    if (done) return 0;
    const bool wrote = done.error().object == "stdout";
    return fail(program, {wrote ? "stdout" : name, ": ", system_error_text(done.error().code)}, kExitFatal);
  };
  if (files.empty()) return pass(0, "stdin");
  for (const char* name : files) {
    const UniqueFd file(::open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC));
    if (!file) return fail(program, {name, ": ", system_error_text(errno)}, kExitUsage);
    if (const int code = pass(file.get(), name); code != 0) return code;
  }
  return 0;
}

}  // namespace kindred::nosh
