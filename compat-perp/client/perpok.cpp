// perpok [-b basedir] [-u secs] [-v] sv: whether a service is activated, and with -u up for so long, by exit
// code. Source: interfaces/perp.md section 9.3.

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

constexpr Usage kUsage{"perpok", "[-hV] [-b basedir] [-u secs] [-v] sv"};
constexpr int kFailed = 1;

/// Why it is not up as wanted; null: it is.
const char* failure(const StatusRecord& main, std::uint32_t wanted, WallTime now) {
  if (main.pid == 0) return "service not running (pid is 0)";
  if (in_reset(main)) return "service is resetting";
  if (main.want == Want::Down) return "service wants down";
  return uptime(main, now) < wanted ? "service uptime not met" : nullptr;
}

}  // namespace

int perpok_main(int argc, char** argv) {
  const char* given_base = nullptr;
  std::uint32_t wanted = 0;
  bool verbose = false;
  Options options(argc, argv, "hVb:u:v", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'b':
        given_base = options.argument();
        break;
      case 'u':
        if (const auto number = parse_number(options.argument()))
          wanted = *number;
        else
          return usage_error(kUsage, "non-numeric argument for -u: " + std::string(options.argument()));
        break;
      case 'v':
        verbose = true;
        break;
      default:
        break;
    }
  }
  const std::span<char* const> services = options.operands();
  if (services.empty()) return usage_error(kUsage, "missing service argument");
  const char* service = services.front();
  const auto verdict = [&](const char* problem, std::string_view good) {
    if (verbose)
      print_error({"perpok: ", service,
                   problem != nullptr ? ": fail: " : ": ok: ", problem != nullptr ? problem : good});
    return problem != nullptr ? kFailed : 0;
  };

  const std::string base = base_as_set(given_base, ".");
  Result<Session> session = Session::open(base);
  if (!session) return not_entered(kUsage, base, session.error());
  const Answer answer = session->ask(service);
  switch (answer.trouble) {
    case Trouble::None:
      if (wanted == 0) return verdict(nullptr, "service is activated/ok");
      return verdict(failure(answer.status->snapshot.main, wanted, SystemClock().now().wall),
                     "service uptime ok");
    case Trouble::NotActivated:
      return verdict(("service directory " + std::string(service) + " not activated").c_str(), {});
    case Trouble::NotDirectory:
      return usage_error(kUsage, "not a directory: " + std::string(service));
    case Trouble::Missing:
      return fatal_error(kUsage, "failure stat() on service directory " + std::string(service), answer.code);
    case Trouble::Unreachable:
      return fatal_error(kUsage, session->no_connection(), answer.code);
    case Trouble::Refused:
      return fatal_error(kUsage, "error reported in reply", answer.code);
    case Trouble::Write:
    case Trouble::Read:
    case Trouble::Protocol:
    case Trouble::Type:
    case Trouble::Inexpressible:
      break;
  }
  return fatal_error(kUsage, "failure in status query", answer.code);
}

}  // namespace kindred::perp
