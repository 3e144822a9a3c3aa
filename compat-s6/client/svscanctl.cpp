// s6-svscanctl [-zabhitqnN] SCANDIR: sends commands to a scanner. Source: interfaces/s6.md sections 9.5 and
// 10.2.

#include <fcntl.h>

#include <string>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/scan_directory.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/sys/files.h"

namespace kindred::s6 {

int svscanctl_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-svscanctl", kUsage = "s6-svscanctl [ -zabhitqnN ] svscandir";
  constexpr std::size_t kMostCommands = 64;
  std::string letters;
  Options options(argc, argv, "zabhitqnN", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage(kProgram, kUsage);
    if (letters.size() == kMostCommands) return fatal(kProgram, {"too many commands"}, kExitUsage);
    letters += letter;
  }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  const char* const path = options.operands().front();
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path);
  if (!directory) return die(kProgram, error_here("control", path, directory.error().code));
  ignore_sigpipe();
  const Status sent = tell_scanner(directory->get(), letters);
  if (sent) return 0;
  return cannot_control(kProgram, path, ".s6-svscan", sent.error().code);
}

}  // namespace kindred::s6
