// What depends on a program's end. Source: interfaces/execline.md section 11.

#include <sys/wait.h>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

/// A program that is run to know whether it succeeds, or the turn's end where that cannot be told.
struct Test {
  int code = 0;
  std::optional<ChainTurn> failure = std::nullopt;

  [[nodiscard]] bool holds(bool reversed) const { return (code == 0) != reversed; }
};

Test run_test(const Call& call, std::span<char* const> words, bool may_crash) {
  Test test;
  if (words.empty()) return test;
  const auto child = call.interpreter().start(ChainProgram(words));
  if (!child) {
    test.failure = call.fatal(child.error());
    return test;
  }
  const auto status = wait_for(*child);
  if (!status) {
    test.failure = call.fatal(status.error());
    return test;
  }
  test.code = exit_code(*status);
  if (WIFSIGNALED(*status) && !may_crash)
    test.failure = call.fatal(test.code, {"child crashed with signal ", std::to_string(WTERMSIG(*status))});
  return test;
}

}  // namespace

ChainTurn if_(const ChainCall& chain_call) {
  constexpr unsigned kMost = 255;
  Call call(chain_call, "nXtx:");
  bool reversed = false, may_crash = false;
  std::optional<int> code;
  while (const char letter = call.option()) switch (letter) {
      case 'n':
        reversed = true;
        break;
      case 'X':
        may_crash = true;
        break;
      case 't':
        code = 0;
        break;
      case 'x': {
        const auto value = number(call.argument());
        if (!value) return call.usage();
        if (*value > kMost) return call.fatal(kExitUsage, {"invalid exit code"});
        code = static_cast<int>(*value);
        break;
      }
      default:
        return call.usage();
    }
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  const Test test = run_test(call, *block, may_crash);
  if (test.failure) return *test.failure;
  if (test.holds(reversed)) return call.go_on();
  return ChainTurn::ends(code.value_or(reversed ? 1 : test.code));
}

ChainTurn ifelse(const ChainCall& chain_call) {
  Call call(chain_call, "nX");
  bool reversed = false, may_crash = false;
  while (const char letter = call.option()) {
    if (letter == Options::kBad) return call.usage();
    (letter == 'n' ? reversed : may_crash) = true;
  }
  const auto condition = call.take_block("if block");
  if (!condition) return Call::bad_block();
  const auto then = call.take_block("then block");
  if (!then) return Call::bad_block();
  const Test test = run_test(call, *condition, may_crash);
  if (test.failure) return *test.failure;
  return test.holds(reversed) ? call.go_on(*then) : call.go_on();
}

ChainTurn ifte(const ChainCall& chain_call) {
  Call call(chain_call, "nX");
  bool reversed = false, may_crash = false;
  while (const char letter = call.option()) {
    if (letter == Options::kBad) return call.usage();
    (letter == 'n' ? reversed : may_crash) = true;
  }
  const auto then = call.take_block("then block");
  if (!then) return Call::bad_block();
  const auto otherwise = call.take_block("else block");
  if (!otherwise) return Call::bad_block();
  if (!call.has_rest()) return call.fatal(kExitUsage, {"empty command-if"});
  if (call.rest()[0][0] == ' ')
    return call.fatal(kExitFatal, {"unable to spawn ", call.rest()[0],
                                   ": the name begins with a space: is the condition a block by mistake?"});
  const Test test = run_test(call, call.rest(), may_crash);
  if (test.failure) return *test.failure;
  return call.go_on(test.holds(reversed) ? *then : *otherwise);
}

ChainTurn ifthenelse(const ChainCall& chain_call) {
  Call call(chain_call, "Xs");
  bool may_crash = false, in_place = false;
  while (const char letter = call.option()) {
    if (letter == Options::kBad) return call.usage();
    (letter == 'X' ? may_crash : in_place) = true;
  }
  const auto condition = call.take_block("if block");
  if (!condition) return Call::bad_block();
  const auto then = call.take_block("then block");
  if (!then) return Call::bad_block();
  const auto otherwise = call.take_block("else block");
  if (!otherwise) return Call::bad_block();
  const Test test = run_test(call, *condition, may_crash);
  if (test.failure) return *test.failure;
  std::vector<char*> chosen = test.holds(false) ? *then : *otherwise;
  if (in_place) {
    chosen.insert(chosen.end(), call.rest().begin(), call.rest().end());
    return call.go_on(chosen);
  }
  if (const Status done = call.run_and_tell(chosen); !done) return call.fatal(done.error());
  return call.go_on();
}

}  // namespace kindred::execline
