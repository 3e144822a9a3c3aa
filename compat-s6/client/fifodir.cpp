// s6-mkfifodir [-f] [-g GID] DIR, s6-cleanfifodir DIR, s6-ftrig-notify DIR STRING: event directories by hand.
// Source: interfaces/s6.md section 11.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "compat-s6/client/command_line.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/sys/event_directory.h"

namespace kindred::s6 {

int mkfifodir_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-mkfifodir", kUsage = "s6-mkfifodir [ -f ] [ -g gid ] fifodir";
  event_directory::Listeners listeners;
  auto if_there = event_directory::IfThere::Leave;
  Options options(argc, argv, "fg:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'f':
        if_there = event_directory::IfThere::Adapt;
        break;
      case 'g':
        if (const auto group = parse_number(options.argument()); group) {
          listeners.group = *group;
          break;
        }
        [[fallthrough]];
      default:
        return usage(kProgram, kUsage);
    }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  const char* const path = options.operands().front();
  struct stat st;
  if (stat(path, &st) == 0 && (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()))
    return die(kProgram, error_here("create fifodir at", path, S_ISDIR(st.st_mode) ? EACCES : ENOTDIR));
  const Status made = event_directory::make(AT_FDCWD, path, listeners, if_there);
  return made ? 0 : die(kProgram, error_here("create fifodir at", path, made.error().code));
}

int cleanfifodir_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-cleanfifodir";
  if (argc < 2) return usage(kProgram, "s6-cleanfifodir fifodir");
  const int error = event_directory::clean(AT_FDCWD, argv[1]);
  return error == 0 ? 0 : die(kProgram, error_here("clean up fifodir at", argv[1], error));
}

int ftrig_notify_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-ftrig-notify";
  if (argc < 3) return usage(kProgram, "s6-ftrig-notify fifodir message");
  // More than a FIFO takes in one piece would come in pieces, mixed with what others say.
  if (std::string_view(argv[2]).size() > PIPE_BUF)
    return die(kProgram, error_here("send", "message", EMSGSIZE));
  ignore_sigpipe();
  const int error = event_directory::notify(AT_FDCWD, argv[1], argv[2]);
  return error == 0 ? 0 : die(kProgram, error_here("notify", argv[1], error));
}

}  // namespace kindred::s6
