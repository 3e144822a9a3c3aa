// perpboot [-d] [-x] [basedir]: what init starts. Keeps .boot/rc.perp and its logger .boot/rc.log running, a
// pipe between them. Source: interfaces/perp.md section 10.1.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "compat-perp/programs.h"
#include "compat-perp/restarted.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpboot", "[-hV] [-d] [-x] [basedir]"};

}  // namespace

int perpboot_main(int argc, char** argv) {
  bool detach = false, exec = false;
  Options options(argc, argv, "hVdx", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'd':
        detach = true;
        break;
      case 'x':
        exec = true;
        break;
      default:
        break;
    }
  }
  const std::string base = base_operand(options.operands());
  if (detach) {
    const pid_t child = fork();
    if (child < 0) return fatal_error(kUsage, "failure fork()", errno);
    if (child > 0) _exit(0);
    setsid();
  }
  const std::string boot_path = base + "/.boot";
  Result<UniqueFd> directory = open_directory(AT_FDCWD, boot_path.c_str());
  if (!directory) return not_entered(kUsage, boot_path, directory.error());
  const UniqueFd null = open_nothing();
  if (!null) return fatal_error(kUsage, "failure opening /dev/null", errno);
  if (setenv("PERP_BASE", base.c_str(), 1) != 0)
    return fatal_error(kUsage, "failure setting PERP_BASE", errno);
  char perp_script[] = "./rc.perp", log_script[] = "./rc.log";
  char* perp[] = {perp_script, nullptr};
  char* log[] = {log_script, nullptr};
  LoggedPair pair(perp, log,
                  {.speaker = {kUsage.program, " "},
                   .with_errors = true,
                   .awaits_program = true,
                   .elsewhere = null.get(),
                   .directory = directory->get()});
  if (Status opened = pair.open(); !opened)
    return fatal_error(kUsage, "failure to begin", opened.error().code);
  if (exec) return pair.run_logger_alone();
  pair.run();
  return 0;
}

}  // namespace kindred::perp
