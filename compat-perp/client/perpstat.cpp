// perpstat [-b basedir] sv...: a few lines about each service on standard output.
// Source: interfaces/perp.md section 9.1.

#include <cerrno>
#include <string>

#include "compat-perp/client/session.h"
#include "compat-perp/client/status_text.h"
#include "compat-perp/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpstat", "[-hV] [-b basedir] sv [sv ...]"};

void report(const char* service, const Answer& answer, Output& out) {
  // Both streams in the order of the operands.
  const auto complain = [&](const std::string& text) {
    (void)out.flush();
    print_error({text});
  };
  const std::string name = service;
  switch (answer.trouble) {
    case Trouble::None:
      out.add(status_text(name, *answer.status, answer.foreign, SystemClock().now().wall));
      break;
    case Trouble::NotActivated:
      out.add(name).add(": not activated\n");
      break;
    case Trouble::Missing:
      complain(name + ": error: service directory not found");
      break;
    case Trouble::NotDirectory:
      complain(name + ": error: not a directory");
      break;
    case Trouble::Unreachable:
      complain("error: " + name + ": no perpd to ask: " + reason(answer.code));
      break;
    case Trouble::Write:
      complain("error: " + name + ": error writing request: " + reason(answer.code));
      break;
    case Trouble::Read:
      complain("error: " + name + ": error reading response: " + reason(answer.code));
      break;
    case Trouble::Protocol:
      complain("error: " + name + ": unknown packet protocol in reply");
      break;
    case Trouble::Type:
    case Trouble::Inexpressible:
      complain("error: " + name + ": unknown packet type in reply");
      break;
    case Trouble::Refused:
      complain("error: " + name + ": error reported in reply: " + reason(answer.code));
      break;
  }
}

}  // namespace

int perpstat_main(int argc, char** argv) {
  const char* given_base = nullptr;
  Options options(argc, argv, "hVb:", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    given_base = options.argument();
  }
  const std::span<char* const> services = options.operands();
  if (services.empty()) return usage_error(kUsage, "missing service argument");
  const std::string base = base_as_set(given_base, ".");
  Result<Session> session = Session::open(base);
  if (!session) return not_entered(kUsage, base, session.error());
  if (!session->serves_any(services))
    return fatal_error(kUsage, session->no_connection(), session->unreachable());
  Output out;
  for (const char* service : services) report(service, session->ask(service), out);
  const Status written = out.flush();
  return written ? 0 : fatal_error(kUsage, "failure writing to standard output", written.error().code);
}

}  // namespace kindred::perp
