// perphup [-q] [-t] [basedir]: makes perpd look at its services again, or end.
// Source: interfaces/perp.md section 9.4.

#include <fcntl.h>

#include <csignal>
#include <string>

#include "compat-perp/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/files.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perphup", "[-hV] [-q] [-t] [basedir]"};

}  // namespace

int perphup_main(int argc, char** argv) {
  bool quiet = false, term = false;
  Options options(argc, argv, "hVqt", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'q':
        quiet = true;
        break;
      case 't':
        term = true;
        break;
      default:
        break;
    }
  }
  const std::string base = base_operand(options.operands());
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, base.c_str());
  if (!directory) return not_entered(kUsage, base, directory.error());
  if (const Status told = signal_supervisor(directory->get(), term ? SIGTERM : SIGHUP); !told)
    return signal_error(kUsage, base, told.error());
  if (!quiet) print_error({"perphup: ", term ? "SIGTERM for perpd on " : "perpd rescan triggered on ", base});
  return 0;
}

}  // namespace kindred::perp
