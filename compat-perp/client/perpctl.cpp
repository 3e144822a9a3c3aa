// perpctl [-b basedir] [-g] [-L] [-q] COMMAND sv...: controls services, one request each; A and X activate
// and deactivate them. Source: interfaces/perp.md section 8.

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "compat-perp/client/session.h"
#include "compat-perp/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpctl",
                       "[-hV] [-b basedir] [-g] [-L] [-q] A|D|U|X|a|c|d|h|i|k|o|p|q|t|u|w|1|2 sv [sv ...]"};

struct Request {
  char command = 0;
  std::uint8_t flags = 0;
  bool quiet = false;
};

std::string cannot_express(const Dialect& family, char command) {
  return std::string(family.name) + " cannot express " + command;
}

/// What went wrong with one service; empty: nothing.
std::string complaint(const Answer& answer, char command) {
  switch (answer.trouble) {
    case Trouble::None:
      return {};
    case Trouble::Missing:
      return "service directory not found";
    case Trouble::NotDirectory:
      return "not a directory";
    case Trouble::NotActivated:
      return "service directory not activated";
    case Trouble::Unreachable:
      return "no perpd to control it: " + reason(answer.code);
    case Trouble::Write:
      return "error writing request: " + reason(answer.code);
    case Trouble::Read:
      return "error reading response: " + reason(answer.code);
    case Trouble::Protocol:
      return "unknown packet protocol in reply";
    case Trouble::Type:
      return "unknown packet type in reply";
    case Trouble::Refused:
      // Only a command for a process group is refused so.
      if (answer.code == ESRCH) return kLacksGroup;
      return "error reported in reply: " + reason(answer.code);
    case Trouble::Inexpressible:
      return cannot_express(*answer.foreign, command);
  }
  return {};
}

bool report(const char* service, const std::string& trouble) {
  if (!trouble.empty()) print_error({"error: ", service, ": ", trouble});
  return trouble.empty();
}

int control(Session& session, const Request& request, std::span<char* const> services) {
  if (!session.serves_any(services))
    return fatal_error(kUsage, session.no_connection(), session.unreachable());
  bool all = true;
  for (const char* service : services) {
    const Answer answer = session.command(service, request.command, request.flags);
    if (!report(service, complaint(answer, request.command)))
      all = false;
    else if (!request.quiet)
      print_error({service, ": ok"});
  }
  return all ? 0 : kExitFatal;
}

/// Sets or clears the sticky bit. "": done.
std::string activate(const char* service, bool active) {
  struct stat st;
  if (::stat(service, &st) != 0) return "service directory not found";
  if (!S_ISDIR(st.st_mode)) return "not a directory";
  const mode_t mode = active ? (st.st_mode | S_ISVTX) : (st.st_mode & ~static_cast<mode_t>(S_ISVTX));
  if (::chmod(service, mode & 07777) != 0) return reason(errno);
  return {};
}

int set_activation(const Session& session, const Request& request, const std::string& base,
                   std::span<char* const> services) {
  const bool active = request.command == 'A';
  bool all = true;
  std::size_t strangers = 0;
  for (const char* service : services) {
    // The bit means something else there, or nothing.
    const Dialect* const foreign = session.foreign(service);
    if (foreign != nullptr) ++strangers;
    if (!report(service,
                foreign != nullptr ? cannot_express(*foreign, request.command) : activate(service, active)))
      all = false;
    else if (!request.quiet)
      print_error({service, active ? ": set for activation" : ": set for deactivation"});
  }
  if (strangers == services.size()) return kExitFatal;
  if (const Status told = signal_supervisor(AT_FDCWD, SIGHUP); !told)
    return signal_error(kUsage, base, told.error());
  if (!request.quiet) {
    const std::string count = std::to_string(services.size());
    print_error({"rescan triggered for ", active ? "activation" : "deactivation", " set on ", count,
                 services.size() == 1 ? " service" : " services"});
  }
  return all ? 0 : kExitFatal;
}

}  // namespace

int perpctl_main(int argc, char** argv) {
  Request request;
  const char* given_base = nullptr;
  Options options(argc, argv, "hVb:gLq", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'b':
        given_base = options.argument();
        break;
      case 'g':
        request.flags |= kToGroup;
        break;
      case 'L':
        request.flags |= kForLog;
        break;
      case 'q':
        request.quiet = true;
        break;
      default:
        break;
    }
  }
  const std::span<char* const> words = options.operands();
  if (words.empty()) {
    // The one complaint with a colon.
    print_error({"perpctl: usage error: missing arguments"});
    return usage_error(kUsage);
  }
  request.command = words.front()[0];
  const bool activation = request.command == 'A' || request.command == 'X';
  if (!activation && !decode_command(request.command, 0)) return usage_error(kUsage, "unknown command");
  if ((request.flags & kForLog) != 0 && (request.command == 'D' || request.command == 'U'))
    return usage_error(kUsage, "-L with a command for both");
  const std::span<char* const> services = words.subspan(1);
  if (services.empty()) return usage_error(kUsage, "missing service argument");

  ignore_sigpipe();
  const std::string base = base_directory(given_base, ".");
  Result<Session> session = Session::open(base);
  if (!session) return not_entered(kUsage, base, session.error());
  return activation ? set_activation(*session, request, base, services)
                    : control(*session, request, services);
}

}  // namespace kindred::perp
