// sv [-v] [-w sec] command service...; under another name, `NAME [-w sec] command`: that service's init
// script. Source: interfaces/runit.md sections 9.1 and 9.7.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "compat-runit/client/sv_session.h"
#include "compat-runit/dialect.h"
#include "compat-runit/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/dialect/registry.h"
#include "core/sys/clock.h"

namespace kindred::runit {
namespace {

constexpr std::string_view kProgram = "sv";
constexpr const char* kDefaultServices = "/etc/service/";
constexpr std::uint64_t kDefaultSeconds = 7;
constexpr int kMostFailures = 99;
constexpr int kLsbUsage = 2;

int usage(std::string_view name, bool lsb) {
  print_error({"usage: ", name, lsb ? " [-w sec] command\n" : " [-v] [-w sec] command service ...\n"});
  return lsb ? kLsbUsage : kExitUsage;
}

/// The leading digits; none are 0. A wait of more than a day is one of a day.
std::uint64_t number(const char* text) {
  constexpr std::uint64_t kMost = 86'400;
  std::uint64_t value = 0;
  for (; *text >= '0' && *text <= '9'; ++text)
    value = std::min(kMost, value * 10 + static_cast<std::uint64_t>(*text - '0'));
  return value;
}

const char* environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int sv_main(int argc, char** argv) { return sv_by_clock(argc, argv, SystemClock()); }

int sv_by_clock(int argc, char** argv, const Clock& clock) {
  const std::string name(base_name(argv[0]));
  const bool lsb = name != kProgram;
  SvRequest request{.action = {},
                    .word = {},
                    .services = environment("SVDIR", kDefaultServices),
                    .waits = false,
                    .seconds = kDefaultSeconds};
  if (const char* seconds = std::getenv("SVWAIT")) request.seconds = number(seconds);

  Options options(argc, argv, "w:vV", LongDashes::All);
  while (const char letter = options.next()) switch (letter) {
      case 'w':
        request.seconds = number(options.argument());
        [[fallthrough]];
      case 'v':
        request.waits = true;
        break;
      case 'V':
        print_error({"sv of kindred " KINDRED_VERSION});
        [[fallthrough]];
      default:
        return usage(name, lsb);
    }
  std::span<char* const> words = options.operands();
  if (words.size() < (lsb ? 1U : 2U)) return usage(name, lsb);
  request.word = words.front();
  const auto action = parse_action(request.word, lsb);
  if (!action) return usage(name, lsb);
  request.action = *action;
  request.waits = request.waits || action->waits;

  // As an init script the name is the service, and further words are none.
  std::string lsb_service = name;
  char* const lsb_services[] = {lsb_service.data()};
  const std::span<char* const> services = lsb ? std::span<char* const>(lsb_services) : words.subspan(1);

  ignore_sigpipe();
  const KnownFamilies known{dialect(), families()};
  SvSession session(request, known, clock);
  if (!action->shows_status()) {
    session.command(services);
    return std::min(session.failures(), kMostFailures);
  }
  int code = 0;
  for (const char* service : services) code = session.show(service);
  return lsb ? code : std::min(session.failures(), kMostFailures);
}

}  // namespace kindred::runit
