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

ChainTurn foreground(const ChainCall& chain_call) {
  Call call(chain_call);
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (const Status done = call.run_and_tell(*block); !done) return call.fatal(done.error());
  return call.go_on();
}

ChainTurn background(const ChainCall& chain_call) {
  Call call(chain_call, "d");
  bool detached = false;
  while (const char letter = call.option()) {
    if (letter != 'd') return call.usage();
    detached = true;
  }
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  const auto pid = start(call, *block, detached && call.has_rest(), {});
  if (!pid) return call.fatal(pid.error());
  tell_pid(call, *pid);
  return call.go_on();
}

ChainTurn pipeline(const ChainCall& chain_call) {
  Call call(chain_call, "drw");
  bool detached = false, writes = false;
  while (const char letter = call.option()) {
    if (letter == Options::kBad) return call.usage();
    if (letter == 'd') detached = true;
    if (letter == 'r' || letter == 'w') writes = letter == 'w';
  }
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (!call.has_rest()) return call.fatal(kExitUsage, {"empty remainder"});
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  std::array<int, 2> ends;
  if (::pipe(ends.data()) == -1) return call.fatal(error_here("create", "pipe"));
  // Which end is the child's, and what it is there; the other is ours.
  const int theirs = writes ? 0 : 1, ours = writes ? 1 : 0;
  UniqueFd kept(ends[static_cast<std::size_t>(ours)]), given(ends[static_cast<std::size_t>(theirs)]);
  const int closed[] = {kept.get()};
  const auto pid = start(call, *block, detached, {.from = given.get(), .to = theirs, .closed = closed});
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

ChainTurn backtick(const ChainCall& chain_call) {
  constexpr int kHasNul = 124;
  Call call(chain_call, "iIxD:NnEe");
  char on_failure = 'i';
  const char* fallback = nullptr;
  bool chomps = true, substitutes = false;
  while (const char letter = call.option()) switch (letter) {
      case 'D':
        fallback = call.argument();
        [[fallthrough]];
      case 'i':
      case 'I':
      case 'x':
        on_failure = letter;
        break;
      case 'N':
      case 'n':
        chomps = letter == 'n';
        break;
      case 'E':
      case 'e':
        substitutes = letter == 'E';
        break;
      default:
        return call.usage();
    }
  const char* const variable = call.take();
  if (variable == nullptr || !call.has_rest()) return call.usage();
  if (!is_variable_name(variable)) return call.fatal(kExitUsage, {"invalid variable name"});
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  if (!call.has_rest()) return call.fatal(kExitUsage, {"empty remainder"});

  auto output = start_reading(call, *block);
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

ChainTurn heredoc(const ChainCall& chain_call) {
  Call call(chain_call, "d");
  bool detached = false;
  while (const char letter = call.option()) {
    if (letter != 'd') return call.usage();
    detached = true;
  }
  const char* const number_word = call.take();
  const char* const text = call.take();
  if (text == nullptr || !call.has_rest()) return call.usage();
  const auto descriptor = descriptor_number(number_word);
  if (!descriptor) return call.usage();
  const int wanted = *descriptor;
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
  if (out.get() == wanted) {
    static_cast<void>(out.release());
  } else if (::dup2(out.get(), wanted) == -1) {
    return call.fatal(error_here("read on", "fd " + std::to_string(wanted)));
  }
  return call.go_on();
}

}  // namespace kindred::execline
