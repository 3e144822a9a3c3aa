// rundeux: a program and its logger, each started again when it ends. Source: interfaces/perp.md section 13.4.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "compat-perp/chain/parse.h"
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

struct RundeuxWords {
  bool detaches = false, becomes = false;
  std::vector<char*> main, logger;
  std::optional<ChainRequest> wrong = std::nullopt;
};

RundeuxWords read_words(int argc, char** argv) {
  RundeuxWords words;
  std::string_view separator = "::";
  Options options(argc, argv, "hVdL:S:x", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'd':
        words.detaches = true;
        break;
      case 'L':
        break;
      case 'S':
        separator = options.argument();
        break;
      case 'x':
        words.becomes = true;
        break;
      default:
        words.wrong = answer_option(argv, letter, options);
        return words;
    }
  const auto operands = options.operands();
  const auto at = std::ranges::find(operands, separator);
  words.main.assign(operands.begin(), at);
  if (at != operands.end()) words.logger.assign(at + 1, operands.end());
  if (operands.size() < 3)
    words.wrong = misuse(argv, kMissing);
  else if (at == operands.end())
    words.wrong = misuse(argv, "no separator: " + std::string(separator));
  else if (words.main.empty() || words.logger.empty())
    words.wrong = misuse(argv, "a program and a logger are needed");
  return words;
}

}  // namespace

ChainRequest parse_rundeux(int argc, char** argv, const Environment&) {
  RundeuxWords words = read_words(argc, argv);
  if (words.wrong) return std::move(*words.wrong);
  ChainRequest request;
  request.needs_no_program = true;
  return request;
}

int rundeux_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  auto [detaches, becomes, main, logger, wrong] = read_words(argc, argv);
  if (wrong) return tell(*wrong, kRundeuxUsage);
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
