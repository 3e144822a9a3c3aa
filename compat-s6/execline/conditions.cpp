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

std::optional<If> If::parse(Words& words) {
  constexpr unsigned kMost = 255;
  If test;
  while (const char letter = words.option()) switch (letter) {
      case 'n':
        test.reversed = true;
        break;
      case 'X':
        test.may_crash = true;
        break;
      case 't':
        test.code = 0;
        break;
      case 'x': {
        const auto value = number(words.argument());
        if (!value) return words.misused();
        if (*value > kMost) return words.refuse({"invalid exit code"});
        test.code = static_cast<int>(*value);
        break;
      }
      default:
        return words.misused();
    }
  auto block = words.take_block();
  if (!block) return std::nullopt;
  test.condition = std::move(*block);
  return test;
}

ChainTurn If::act(Call& call) const {
  const Test test = run_test(call, condition, may_crash);
  if (test.failure) return *test.failure;
  if (test.holds(reversed)) return call.go_on();
  return ChainTurn::ends(code.value_or(reversed ? 1 : test.code));
}

std::optional<Ifelse> Ifelse::parse(Words& words) {
  Ifelse test;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    (letter == 'n' ? test.reversed : test.may_crash) = true;
  }
  auto condition = words.take_block("if block");
  if (!condition) return std::nullopt;
  auto then = words.take_block("then block");
  if (!then) return std::nullopt;
  test.condition = std::move(*condition);
  test.then = std::move(*then);
  return test;
}

ChainTurn Ifelse::act(Call& call) const {
  const Test test = run_test(call, condition, may_crash);
  if (test.failure) return *test.failure;
  return test.holds(reversed) ? call.go_on(then) : call.go_on();
}

std::optional<Ifte> Ifte::parse(Words& words) {
  Ifte test;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    (letter == 'n' ? test.reversed : test.may_crash) = true;
  }
  auto then = words.take_block("then block");
  if (!then) return std::nullopt;
  auto otherwise = words.take_block("else block");
  if (!otherwise) return std::nullopt;
  if (!words.has_rest()) return words.refuse({"empty command-if"});
  test.then = std::move(*then);
  test.otherwise = std::move(*otherwise);
  return test;
}

ChainTurn Ifte::act(Call& call) const {
  if (call.rest()[0][0] == ' ')
    return call.fatal(kExitFatal, {"unable to spawn ", call.rest()[0],
                                   ": the name begins with a space: is the condition a block by mistake?"});
  const Test test = run_test(call, call.rest(), may_crash);
  if (test.failure) return *test.failure;
  return call.go_on(test.holds(reversed) ? then : otherwise);
}

std::optional<Ifthenelse> Ifthenelse::parse(Words& words) {
  Ifthenelse test;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    (letter == 'X' ? test.may_crash : test.in_place) = true;
  }
  auto condition = words.take_block("if block");
  if (!condition) return std::nullopt;
  auto then = words.take_block("then block");
  if (!then) return std::nullopt;
  auto otherwise = words.take_block("else block");
  if (!otherwise) return std::nullopt;
  test.condition = std::move(*condition);
  test.then = std::move(*then);
  test.otherwise = std::move(*otherwise);
  return test;
}

ChainTurn Ifthenelse::act(Call& call) const {
  const Test test = run_test(call, condition, may_crash);
  if (test.failure) return *test.failure;
  Block chosen = test.holds(false) ? then : otherwise;
  if (in_place) {
    chosen.insert(chosen.end(), call.rest().begin(), call.rest().end());
    return call.go_on(chosen);
  }
  if (const Status done = call.run_and_tell(chosen); !done) return call.fatal(done.error());
  return call.go_on();
}

}  // namespace kindred::execline
