#include "compat-s6/client/command_line.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "compat-s6/program_search.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"

namespace kindred::s6 {
namespace {

/// argv as exec(2) wants it.
std::vector<char*> terminated(std::span<char* const> words) {
  std::vector<char*> argv(words.begin(), words.end());
  argv.push_back(nullptr);
  return argv;
}

}  // namespace

int usage(std::string_view program, std::string_view text) {
  print_error({program, ": usage: ", text});
  return kExitUsage;
}

int die(std::string_view program, const Error& error, int code) {
  if (error.code == 0) return fatal(program, {"unable to ", error.operation, " ", error.object}, code);
  return fatal(program, {"unable to ", error.operation, " ", error.object, ": ", std::strerror(error.code)},
               code);
}

int cannot_control(std::string_view program, std::string_view path, std::string_view below, int error) {
  switch (error) {
    case ENXIO:
    case ENOENT:
      return fatal(program, {"unable to control ", path, ": supervisor not listening"}, kExitUsage);
    case EINVAL:
    case ELOOP:
    case EISDIR:
    case ENOTDIR:
      return fatal(program,
                   {"something is wrong with the ", path, "/", below, " directory: ", std::strerror(error)},
                   kExitUsage);
    default:
      return fatal(program, {"unable to control ", path, ": ", std::strerror(error)});
  }
}

int end_of_wait(std::string_view program, int code) {
  if (code == kExitTimeout) return fatal(program, {"timed out"}, code);
  if (code != 0) return fatal(program, {"a service failed for good, or its supervisor has gone"}, code);
  return code;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Instant deadline_after(std::uint32_t milliseconds) {
  if (milliseconds == 0) return Instant::never();
  return SystemClock().now().steady + std::chrono::milliseconds(milliseconds);
}

int poll_time(Instant deadline) {
  if (deadline == Instant::never()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - SystemClock().now().steady).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

std::optional<int> notification_descriptor(std::optional<std::uint32_t> given) {
  if (!given) {
    constexpr std::size_t kLongest = 16;
    const Result<std::string> text = read_file(AT_FDCWD, "notification-fd", kLongest);
    if (text) given = parse_number(text->substr(0, text->find('\n')));
  }
  if (!given || *given > INT32_MAX || fcntl(static_cast<int>(*given), F_GETFD) < 0) return std::nullopt;
  return static_cast<int>(*given);
}

std::optional<std::vector<const char*>> take_block(std::span<char* const>& words) {
  std::vector<const char*> block;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const char* const word = words[i];
    if (*word == '\0') {
      words = words.subspan(i + 1);
      return block;
    }
    block.push_back(*word == ' ' ? word + 1 : word);
  }
  return std::nullopt;
}

Status start(std::span<char* const> words) {
  std::vector<char*> argv = terminated(words);
  // Not posix_spawn: the C library begins it with a system call that container profiles refuse.
  volatile int error = 0;
  const pid_t pid = vfork();
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execvp(argv.front(), argv.data());
    error = errno;
    _exit(127);
  }
  if (pid < 0) error = errno;
  if (error == 0) return ok();
  if (pid > 0) waitpid(pid, nullptr, 0);
  return error_here("spawn", argv.front(), error);
}

int exec_into(std::string_view program, std::span<char* const> words) {
  std::vector<char*> argv = terminated(words);
  const char* const path = std::getenv("PATH");
  const int error =
      execute(argv.front(), argv.data(), environ,
              path != nullptr ? std::optional<std::string_view>(path) : std::nullopt, kProgramSearch);
  return die(program, error_here("exec", argv.front(), error), error == ENOENT ? 127 : 126);
}

}  // namespace kindred::s6
