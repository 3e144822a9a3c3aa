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
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace

Call::Call(const ChainCall& call, const char* letters, std::span<const LongOption> names)
    : call_(call), argv_(call.words.begin(), call.words.end()) {
  argv_.push_back(nullptr);
  rest_ = std::span(argv_).subspan(1, call.words.size() - 1);
  if (letters != nullptr) options_.emplace(static_cast<int>(call.words.size()), argv_.data(), letters, names);
}

char Call::option() {
  const char letter = options_->next();
  if (letter == 0) rest_ = options_->operands();
  return letter;
}

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

char* Call::take() {
  if (rest_.empty()) return nullptr;
  char* const word = rest_[0];
  rest_ = rest_.subspan(1);
  return word;
}

std::optional<std::vector<char*>> Call::take_block_of(std::span<char* const>& from, std::string_view name) {
  ++blocks_;
  const auto end = std::find_if(from.begin(), from.end(), [](const char* word) { return *word == '\0'; });
  std::vector<char*> words;
  const unsigned strict = strictness();
  for (auto word = from.begin(); word != end; ++word) {
    if (**word == ' ') {
      words.push_back(*word + 1);
      continue;
    }
    if (strict > 0) {
      const std::string text = joined({"unquoted argument ", *word, " at block ", std::to_string(blocks_),
                                       " position ", std::to_string(word - from.begin())});
      if (strict > 1) {
        static_cast<void>(fatal(kExitUsage, {text}));
        return std::nullopt;
      }
      warn({text});
    }
    words.push_back(*word);
  }
  if (end == from.end()) {
    static_cast<void>(fatal(kExitUsage, {"unterminated ", name}));
    return std::nullopt;
  }
  from = from.subspan(words.size() + 1);
  return words;
}

unsigned Call::strictness() const {
  const auto value = state().environment.value("EXECLINE_STRICT");
  return value ? number(*value).value_or(0) : 0;
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
  if (rest_.empty()) return ChainTurn::ends(0);
  return {substituting(variable, rest_), 0};
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

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos;
}

}  // namespace kindred::execline
