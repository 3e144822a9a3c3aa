// What starts a program and goes on. Source: interfaces/execline.md sections 10 and 13.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::execline {
namespace {

void tell_pid(const Call& call, pid_t pid) { call.state().change({"!", std::to_string(pid)}); }

Result<pid_t> start(const Call& call, std::span<char* const> words, bool detached, const ChildSetup& setup) {
  const ChainProgram program(words);
  return detached ? call.interpreter().start_detached(program, setup)
                  : call.interpreter().start(program, setup);
}

}  // namespace

std::optional<Foreground> Foreground::parse(Words& words) {
  auto block = words.take_block();
  if (!block) return std::nullopt;
  Foreground foreground;
  foreground.block = std::move(*block);
  return foreground;
}

ChainTurn Foreground::act(Call& call) const {
  if (const Status done = call.run_and_tell(block); !done) return call.fatal(done.error());
  return call.go_on();
}

std::optional<Background> Background::parse(Words& words) {
  Background background;
  while (const char letter = words.option()) {
    if (letter != 'd') return words.misused();
    background.detached = true;
  }
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (block->empty()) return words.refuse({"empty block"});
  background.block = std::move(*block);
  return background;
}

ChainTurn Background::act(Call& call) const {
  const auto pid = start(call, block, detached && call.has_rest(), {});
  if (!pid) return call.fatal(pid.error());
  tell_pid(call, *pid);
  return call.go_on();
}

std::optional<Pipeline> Pipeline::parse(Words& words) {
  Pipeline pipeline;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    if (letter == 'd') pipeline.detached = true;
    if (letter == 'r' || letter == 'w') pipeline.writes = letter == 'w';
  }
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (!words.has_rest()) return words.refuse({"empty remainder"});
  if (block->empty()) return words.refuse({"empty block"});
  pipeline.block = std::move(*block);
  return pipeline;
}

ChainTurn Pipeline::act(Call& call) const {
  std::array<int, 2> ends;
  if (::pipe(ends.data()) == -1) return call.fatal(error_here("create", "pipe"));
  // Which end is the child's, and what it is there; the other is ours.
  const int theirs = writes ? 0 : 1, ours = writes ? 1 : 0;
  UniqueFd kept(ends[static_cast<std::size_t>(ours)]), given(ends[static_cast<std::size_t>(theirs)]);
  const int closed[] = {kept.get()};
  const auto pid = start(call, block, detached, {.from = given.get(), .to = theirs, .closed = closed});
  if (!pid) return call.fatal(pid.error());
  tell_pid(call, *pid);
  given.reset();
  if (kept.get() != ours) {
    if (::dup2(kept.get(), ours) == -1) return call.fatal(error_here("move", "pipe"));
  } else {
    static_cast<void>(kept.release());
  }
  return call.go_on();
}

std::optional<Backtick> Backtick::parse(Words& words) {
  Backtick backtick;
  while (const char letter = words.option()) switch (letter) {
      case 'D':
        backtick.fallback = words.argument();
        [[fallthrough]];
      case 'i':
      case 'I':
      case 'x':
        backtick.on_failure = letter;
        break;
      case 'N':
      case 'n':
        backtick.chomps = letter == 'n';
        break;
      case 'E':
      case 'e':
        backtick.substitutes = letter == 'E';
        break;
      default:
        return words.misused();
    }
  backtick.variable = words.take();
  if (backtick.variable == nullptr || !words.has_rest()) return words.misused();
  if (!is_variable_name(backtick.variable)) return words.refuse({"invalid variable name"});
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (block->empty()) return words.refuse({"empty block"});
  if (!words.has_rest()) return words.refuse({"empty remainder"});
  backtick.block = std::move(*block);
  return backtick;
}

ChainTurn Backtick::act(Call& call) const {
  constexpr int kHasNul = 124;
  auto output = start_reading(call, block);
  if (!output) return call.fatal(output.error());
  auto text = read_all(output->end.get());
  output->end.reset();
  const auto status = wait_for(output->child);
  if (!text) return call.fatal(text.error());
  if (!status) return call.fatal(status.error());
  std::optional<std::string> value = std::move(*text);
  const bool failed = *status != 0;
  if (failed && on_failure == 'i')
    return call.fatal(exit_code(*status),
                      {WIFSIGNALED(*status) ? "child process crashed" : "child process exited non-zero"});
  if (on_failure != 'i') call.state().change({"?", std::to_string(told_code(*status))});
  const std::size_t nul = value->find('\0');
  const bool keeps = on_failure == 'i' || on_failure == 'I';
  if (nul != std::string::npos && (keeps || !failed)) {
    constexpr std::string_view kWhat = "child process output contained a null character";
    if (on_failure == 'i') return call.fatal(kHasNul, {kWhat});
    if (!keeps) call.warn({kWhat});
    value->resize(nul);
  } else if (chomps && value->ends_with('\n')) {
    value->pop_back();
  }
  if (!keeps && (failed || nul != std::string::npos)) {
    value.reset();
    if (on_failure == 'D') value = fallback;
  }
  call.state().change({variable, std::move(value)});
  return substitutes ? call.go_on_substituting(variable) : call.go_on();
}

std::optional<Heredoc> Heredoc::parse(Words& words) {
  Heredoc heredoc;
  while (const char letter = words.option()) {
    if (letter != 'd') return words.misused();
    heredoc.detached = true;
  }
  const char* const number_word = words.take();
  heredoc.text = words.take();
  if (heredoc.text == nullptr || !words.has_rest()) return words.misused();
  const auto descriptor = descriptor_number(number_word);
  if (!descriptor) return words.misused();
  heredoc.descriptor = *descriptor;
  return heredoc;
}

ChainTurn Heredoc::act(Call& call) const {
  std::array<int, 2> ends;
  if (::pipe(ends.data()) == -1) return call.fatal(error_here("create", "pipe"));
  UniqueFd out(ends[0]), in(ends[1]);
  const pid_t writer = ::fork();
  if (writer == -1) return call.fatal(error_here("fork", "writer"));
  if (writer == 0) {
    out.reset();
    const pid_t below = detached ? ::fork() : 0;
    if (below != 0) ::_exit(below == -1 ? kExitFatal : 0);
    ::_exit(write_text(in.get(), text) ? 0 : kExitFatal);
  }
  in.reset();
  if (detached) {
    const auto status = wait_for(writer);
    // Where deaths are ignored, the kernel keeps no status.
    if (!status && status.error().code != ECHILD) return call.fatal(status.error());
    if (status && *status != 0) return call.fatal(Error{EAGAIN, "fork", "writer"});
  }
  if (out.get() == descriptor) {
    static_cast<void>(out.release());
  } else if (::dup2(out.get(), descriptor) == -1) {
    return call.fatal(error_here("read on", "fd " + std::to_string(descriptor)));
  }
  return call.go_on();
}

}  // namespace kindred::execline
