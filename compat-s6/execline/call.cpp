#include "compat-s6/execline/call.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "compat-s6/execline/positional.h"
#include "core/cli/output.h"

namespace kindred::execline {
Status Call::run_and_tell(std::span<char* const> words) const {
  constexpr int kNotFound = 127, kNotExecutable = 126;
  int code = 0;
  if (!words.empty()) {
    const auto child = interpreter().start(ChainProgram(words));
    if (child) {
      const auto status = wait_for(*child);
      if (!status) return status.error();
      code = told_code(*status);
    } else {
      const Error& error = child.error();
      warn(
          {"unable to ", error.operation, " ", error.object, ": ", interpreter().voice().reason(error.code)});
      code = error.code == ENOENT ? kNotFound : kNotExecutable;
    }
  }
  state().change({"?", std::to_string(code)});
  return ok();
}

void Call::warn() {
  for (const std::string& text : take_warnings()) print_warning(speaker(), {text});
}

void Call::warn(std::initializer_list<std::string_view> parts) const {
  print_warning(speaker(), {joined(parts)});
}

ChainTurn Call::fatal(int exit_code, std::initializer_list<std::string_view> parts) const {
  return ChainTurn::ends(kindred::fatal(speaker(), {joined(parts)}, exit_code));
}

ChainTurn Call::fatal(const Error& error) const {
  tell_failure(speaker(), interpreter().voice(), error);
  return ChainTurn::ends(interpreter().voice().failure_code);
}

ChainTurn Call::refused() {
  warn();
  return reason().empty() ? usage() : fatal(kExitUsage, {reason()});
}

ChainTurn Call::usage() const {
  return ChainTurn::ends(tell_misuse(call_.tool, interpreter().voice(), ChainRequest::misuse()));
}

ChainTurn Call::too_long(const char* program) const {
  const ChainVoice& voice = interpreter().voice();
  tell_failure(speaker(), voice, error_here(voice.runs, program, E2BIG));
  return ChainTurn::ends(voice.not_executable_code);
}

ChainTurn Call::go_on(std::span<char* const> words) const {
  if (words.empty()) return ChainTurn::ends(0);
  return {ChainProgram(words), 0};
}

ChainProgram Call::substituting(const char* variable, std::span<char* const> words) const {
  ChainProgram program;
  program.tool = interpreter().tool_named("importas");
  program.file = program.tool->name;
  for (const char* const word : {program.tool->name, "-ui", "--", variable, variable})
    program.words.push_back(keep(word));
  program.words.insert(program.words.end(), words.begin(), words.end());
  return program;
}

ChainTurn Call::go_on_substituting(const char* variable) const {
  if (!has_rest()) return ChainTurn::ends(0);
  return {substituting(variable, rest()), 0};
}

Result<std::string> read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t size = ::read(descriptor, bytes.data(), bytes.size());
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return Error{errno, "read", "fd " + std::to_string(descriptor)};
    if (size == 0) return text;
    if (text.size() > kMostWords) return Error{E2BIG, "read", "fd " + std::to_string(descriptor)};
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

Result<ReadChild> start_reading(const Call& call, std::span<char* const> words) {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("create", "pipe");
  UniqueFd out(ends[0]);
  const UniqueFd in(ends[1]);
  const int closed[] = {out.get()};
  const auto child = call.interpreter().start(ChainProgram(words),
                                              {.from = in.get(), .to = STDOUT_FILENO, .closed = closed});
  if (!child) return child.error();
  return ReadChild{*child, std::move(out)};
}

Result<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) == -1)
    if (errno != EINTR) return Error{errno, "wait", ""};
  return status;
}

int told_code(int status) {
  constexpr int kSignalled = 256;
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

int exit_code(int status) {
  constexpr int kSignalled = 128;
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : std::min(WEXITSTATUS(status), kSignalled);
}

}  // namespace kindred::execline
