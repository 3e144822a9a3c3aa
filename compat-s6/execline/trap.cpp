// trap: runs a program and answers signals for it. Source: interfaces/execline.md section 10.

#include <signal.h>
#include <sys/wait.h>

#include <array>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "core/base/signal_name.h"

namespace kindred::execline {
namespace {

struct Answer {
  enum class What : std::uint8_t { None, PassOn, Run } what = What::None;
  std::vector<char*> words;  ///< none: the signal does nothing
  pid_t running = 0;
};
using Answers = std::array<Answer, NSIG>;

bool can_be_answered(int signal) { return signal != SIGKILL && signal != SIGSTOP && signal != SIGCHLD; }

/// The block's directives; or how they are wrong.
std::optional<ChainTurn> read(Call& call, std::span<char* const> directives, Answers& answers) {
  std::optional<std::vector<char*>> for_others;
  while (!directives.empty()) {
    const std::string_view name = directives[0];
    directives = directives.subspan(1);
    const bool is_default = name == "default" || name == "0";
    const int signal = is_default ? 0 : parse_signal(name);
    if (!is_default && signal == 0) return call.fatal(kExitUsage, {"unrecognized directive: ", name});
    if (!can_be_answered(signal))
      return call.fatal(kExitUsage,
                        {"SIG", signal_name(signal), " (", std::to_string(signal), ") cannot be trapped"});
    const std::string what = "internal block for directive " + std::string(name);
    auto words = call.take_block_of(directives, what);
    if (!words) return Call::bad_block();
    Answer& answer = answers[static_cast<std::size_t>(signal)];
    if (is_default ? for_others.has_value() : answer.what == Answer::What::Run)
      return call.fatal(kExitUsage, {"duplicate directive: ", name});
    if (is_default)
      for_others = std::move(*words);
    else
      answer = {Answer::What::Run, std::move(*words)};
  }
  if (!for_others) return std::nullopt;
  for (int signal = 1; signal < NSIG; ++signal)
    if (Answer& answer = answers[static_cast<std::size_t>(signal)];
        can_be_answered(signal) && answer.what != Answer::What::Run)
      answer = {Answer::What::Run, *for_others};
  return std::nullopt;
}

/// Reaps what has ended; the program's status if it has.
std::optional<int> reap(pid_t program, Answers& answers) {
  int status = 0;
  for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == program) return status;
    for (Answer& answer : answers)
      if (answer.running == ended) answer.running = 0;
  }
  return std::nullopt;
}

void run(const Call& call, int signal, Answer& answer) {
  if (answer.words.empty() || answer.running != 0) return;
  call.state().change({"SIGNAL", std::to_string(signal)});
  const auto child = call.interpreter().start(ChainProgram(answer.words));
  if (child) {
    answer.running = *child;
    return;
  }
  const Error& error = child.error();
  call.warn({"unable to ", error.operation, " ", error.object, ": ",
             call.interpreter().voice().reason(error.code)});
}

}  // namespace

ChainTurn trap(const ChainCall& chain_call) {
  Call call(chain_call, "x");
  bool passes_on = false;
  while (const char letter = call.option()) {
    if (letter != 'x') return call.usage();
    passes_on = true;
  }
  if (!call.has_rest()) return call.usage();
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  Answers answers{};
  if (auto wrong = read(call, *block, answers)) return *wrong;
  if (!call.has_rest()) return call.usage();
  sigset_t taken;
  ::sigemptyset(&taken);
  ::sigaddset(&taken, SIGCHLD);
  for (int signal = 1; signal < NSIG; ++signal) {
    Answer& answer = answers[static_cast<std::size_t>(signal)];
    if (passes_on && can_be_answered(signal) && answer.what == Answer::What::None)
      answer.what = Answer::What::PassOn;
    if (answer.what != Answer::What::None) ::sigaddset(&taken, signal);
  }
  // Blocked signals are kept even where they are ignored, but for this one.
  ::signal(SIGCHLD, SIG_DFL);
  ::sigprocmask(SIG_BLOCK, &taken, nullptr);
  const auto program = call.interpreter().start(ChainProgram(call.rest()));
  if (!program) return call.fatal(program.error());
  call.state().change({"!", std::to_string(*program)});
  for (;;) {
    const int signal = ::sigwaitinfo(&taken, nullptr);
    if (signal == -1) continue;
    if (signal == SIGCHLD) {
      if (const auto status = reap(*program, answers)) return ChainTurn::ends(exit_code(*status));
      continue;
    }
    Answer& answer = answers[static_cast<std::size_t>(signal)];
    if (answer.what == Answer::What::PassOn)
      ::kill(*program, signal);
    else
      run(call, signal, answer);
  }
}

}  // namespace kindred::execline
