// trap: runs a program and answers signals for it. Source: interfaces/execline.md section 10.

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "core/base/signal_name.h"

namespace kindred::execline {
namespace {

bool can_be_answered(int signal) { return signal != SIGKILL && signal != SIGSTOP && signal != SIGCHLD; }

/// The block's directives. False: they are refused.
bool read(Words& words, std::span<char* const> directives, std::vector<Trap::Answer>& answers) {
  const auto refuse = [&](std::initializer_list<std::string_view> parts) {
    words.refuse(parts);
    return false;
  };
  std::optional<Block> for_others;
  while (!directives.empty()) {
    const std::string_view name = directives[0];
    directives = directives.subspan(1);
    const bool is_default = name == "default" || name == "0";
    const int signal = is_default ? 0 : parse_signal(name);
    if (!is_default && signal == 0) return refuse({"unrecognized directive: ", name});
    if (!can_be_answered(signal))
      return refuse({"SIG", signal_name(signal), " (", std::to_string(signal), ") cannot be trapped"});
    auto block = words.take_block_of(directives, "internal block for directive " + std::string(name));
    if (!block) return false;
    Trap::Answer& answer = answers[static_cast<std::size_t>(signal)];
    if (is_default ? for_others.has_value() : answer.what == Trap::Answer::What::Run)
      return refuse({"duplicate directive: ", name});
    if (is_default)
      for_others = std::move(*block);
    else
      answer = {Trap::Answer::What::Run, std::move(*block)};
  }
  if (!for_others) return true;
  for (int signal = 1; signal < NSIG; ++signal)
    if (Trap::Answer& answer = answers[static_cast<std::size_t>(signal)];
        can_be_answered(signal) && answer.what != Trap::Answer::What::Run)
      answer = {Trap::Answer::What::Run, *for_others};
  return true;
}

using Running = std::array<pid_t, NSIG>;  ///< of each signal's answer; 0: none

/// Reaps what has ended; the program's status if it has.
std::optional<int> reap(pid_t program, Running& running) {
  int status = 0;
  for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == program) return status;
    std::replace(running.begin(), running.end(), ended, 0);
  }
  return std::nullopt;
}

void run(const Call& call, int signal, const Block& words, pid_t& running) {
  if (words.empty() || running != 0) return;
  call.state().change({"SIGNAL", std::to_string(signal)});
  const auto child = call.interpreter().start(ChainProgram(words));
  if (child) {
    running = *child;
    return;
  }
  const Error& error = child.error();
  call.warn({"unable to ", error.operation, " ", error.object, ": ",
             call.interpreter().voice().reason(error.code)});
}

}  // namespace

std::optional<Trap> Trap::parse(Words& words) {
  bool passes_on = false;
  while (const char letter = words.option()) {
    if (letter != 'x') return words.misused();
    passes_on = true;
  }
  if (!words.has_rest()) return words.misused();
  const auto block = words.take_block();
  if (!block) return std::nullopt;
  if (block->empty()) return words.refuse({"empty block"});
  Trap trap;
  trap.answers.resize(NSIG);
  if (!read(words, *block, trap.answers)) return std::nullopt;
  if (!words.has_rest()) return words.misused();
  for (int signal = 1; passes_on && signal < NSIG; ++signal)
    if (Answer& answer = trap.answers[static_cast<std::size_t>(signal)];
        can_be_answered(signal) && answer.what == Answer::What::None)
      answer.what = Answer::What::PassOn;
  return trap;
}

ChainTurn Trap::act(Call& call) const {
  sigset_t taken;
  ::sigemptyset(&taken);
  ::sigaddset(&taken, SIGCHLD);
  for (int signal = 1; signal < NSIG; ++signal)
    if (answers[static_cast<std::size_t>(signal)].what != Answer::What::None) ::sigaddset(&taken, signal);
  // Blocked signals are kept even where they are ignored, but for this one.
  ::signal(SIGCHLD, SIG_DFL);
  ::sigprocmask(SIG_BLOCK, &taken, nullptr);
  const auto program = call.interpreter().start(ChainProgram(call.rest()));
  if (!program) return call.fatal(program.error());
  call.state().change({"!", std::to_string(*program)});
  Running running{};
  for (;;) {
    const int signal = ::sigwaitinfo(&taken, nullptr);
    if (signal == -1) continue;
    if (signal == SIGCHLD) {
      if (const auto status = reap(*program, running)) return ChainTurn::ends(exit_code(*status));
      continue;
    }
    const auto at = static_cast<std::size_t>(signal);
    if (answers[at].what == Answer::What::PassOn)
      ::kill(*program, signal);
    else
      run(call, signal, answers[at].words, running[at]);
  }
}

}  // namespace kindred::execline
