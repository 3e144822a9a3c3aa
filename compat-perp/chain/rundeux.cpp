// rundeux: a program and its logger, each started again when it ends. Source: interfaces/perp.md section 13.4.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "compat-perp/chain/programs.h"
#include "compat-perp/chain/words.h"
#include "compat-perp/restarted.h"
#include "compat-perp/words.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred::perp {
namespace {

constexpr std::string_view kBetween = ": ";

int fail(std::string_view program, const Error& error) {
  return fatal(program, {"unable to ", error.operation, error.object.empty() ? "" : " ", error.object, ": ",
                         reason_text(error.code)});
}

}  // namespace

int rundeux_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  std::string_view separator = "::";
  bool detaches = false, becomes = false;
  Options options(argc, argv, "hVdL:S:x", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'd':
        detaches = true;
        break;
      case 'L':
        break;
      case 'S':
        separator = options.argument();
        break;
      case 'x':
        becomes = true;
        break;
      default:
        return tell(*answer_option(argv, letter, options), kRundeuxUsage);
    }
  const auto operands = options.operands();
  const auto at = std::ranges::find(operands, separator);
  std::vector<char*> main(operands.begin(), at);
  if (operands.size() < 3) return tell(misuse(argv, kMissing), kRundeuxUsage);
  if (at == operands.end())
    return tell(misuse(argv, "no separator: " + std::string(separator)), kRundeuxUsage);
  std::vector<char*> logger(at + 1, operands.end());
  if (main.empty() || logger.empty())
    return tell(misuse(argv, "a program and a logger are needed"), kRundeuxUsage);
  main.push_back(nullptr);
  logger.push_back(nullptr);

  if (detaches) {
    const pid_t child = ::fork();
    if (child == -1) return fail(program, error_here("fork", ""));
    if (child > 0) return 0;
    ::setsid();
  }
  LoggedPair pair(main.data(), logger.data(), {.speaker = {program, kBetween}, .always_by_term = true});
  if (const Status opened = pair.open(); !opened) return fail(program, opened.error());
  if (becomes) return pair.run_logger_alone();
  pair.run();
  return 0;
}

}  // namespace kindred::perp
