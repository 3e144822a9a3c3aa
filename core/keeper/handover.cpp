#include "core/keeper/handover.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/sys/descriptor_table.h"
#include "core/sys/memory.h"
#include "core/sys/process_title.h"
#include "core/sys/waiting.h"

namespace kindred {
namespace {

constexpr const char* kVariable = "KINDRED_HANDOVER";
constexpr const char* kQuestion = "--understands-handover";
constexpr int kSignals = 64;
constexpr int kLooks = 500, kPause = 10;  // milliseconds: an executable may come from a slow disk

std::string_view next_field(std::string_view& rest, char end) {
  const std::size_t size = std::min(rest.find(end), rest.size());
  const std::string_view field = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return field;
}

template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// What stays open in the next program: the core asks for it there.
bool is_handed_over(int fd) {
  struct stat st;
  return ::fstat(fd, &st) == 0 &&
         (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISDIR(st.st_mode) || is_memory(fd));
}

bool is_inherited(int fd) {
  const int flags = ::fcntl(fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

/// The program as it is found now: what has replaced it since, if anything has.
std::string own_executable() {
  const auto* const called = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (called != nullptr && called[0] == '/' && ::access(called, X_OK) == 0) return called;
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (size <= 0) return {};
  std::string found(path, static_cast<std::size_t>(size));
  constexpr std::string_view kDeleted = " (deleted)";
  if (found.ends_with(kDeleted)) found.resize(found.size() - kDeleted.size());
  return found;
}

bool is_understood_by(const std::string& program) {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string version(kHandoverVersion);
    char* const argv[] = {const_cast<char*>("kindred-core"), const_cast<char*>(kQuestion),
                          const_cast<char*>(version.c_str()), nullptr};
    ::execv(program.c_str(), argv);
    ::_exit(111);
  }
  int status = 0;
  for (int look = 0; look < kLooks; ++look) {
    if (::waitpid(pid, &status, WNOHANG) == pid) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    (void)wait_for_any({}, kPause);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return false;
}

std::optional<Handover> take_own() {
  const char* const said = std::getenv(kVariable);
  if (said == nullptr) return std::nullopt;
  std::optional<Handover> handover = decode_handover(said, ::getpid());
  ::unsetenv(kVariable);
  if (!handover) return std::nullopt;
  const int highest = highest_open_descriptor();
  for (int fd = STDERR_FILENO + 1; fd <= highest; ++fd)
    if (is_inherited(fd) &&
        std::find(handover->inherited.begin(), handover->inherited.end(), fd) == handover->inherited.end()) {
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      handover->handed.push_back(fd);
    }
  return handover;
}

}  // namespace

std::string encode_handover(const Handover& handover, pid_t keeper) {
  std::uint64_t mask = 0;
  for (int signal = 1; signal <= kSignals; ++signal)
    if (::sigismember(&handover.mask, signal) == 1) mask |= std::uint64_t{1} << (signal - 1);
  char digits[17];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, mask, 16);
  std::string text(kHandoverVersion);
  text += ":" + std::to_string(keeper) + ":" + std::to_string(handover.first_free) + ":";
  text.append(digits, end);
  text += ":";
  for (const int fd : handover.inherited)
    text += std::to_string(fd) + (fd == handover.inherited.back() ? "" : ",");
  return text;
}

std::optional<Handover> decode_handover(std::string_view text, pid_t keeper) {
  if (next_field(text, ':') != kHandoverVersion) return std::nullopt;
  const auto pid = number_in<pid_t>(next_field(text, ':'));
  const auto first_free = number_in<int>(next_field(text, ':'));
  const auto mask = number_in<std::uint64_t>(next_field(text, ':'), 16);
  if (!pid || *pid != keeper || !first_free || *first_free <= STDERR_FILENO || !mask) return std::nullopt;
  Handover handover;
  handover.first_free = *first_free;
  ::sigemptyset(&handover.mask);
  for (int signal = 1; signal <= kSignals; ++signal)
    if ((*mask >> (signal - 1) & 1) != 0) ::sigaddset(&handover.mask, signal);
  while (!text.empty()) {
    const auto fd = number_in<int>(next_field(text, ','));
    if (!fd || *fd <= STDERR_FILENO) return std::nullopt;
    handover.inherited.push_back(*fd);
  }
  return handover;
}

const Handover* handed_over() {
  static const std::optional<Handover> told = take_own();
  return told ? &*told : nullptr;
}

int enter_once(const char* path) { return handed_over() != nullptr ? 0 : ::chdir(path); }

UniqueFd take_handed_reader(int writing) {
  struct stat pipe, st;
  if (handed_over() == nullptr || ::fstat(writing, &pipe) != 0 || !S_ISFIFO(pipe.st_mode)) return UniqueFd{};
  const int highest = highest_open_descriptor();
  for (int fd = STDERR_FILENO + 1; fd <= highest; ++fd)
    if (::fstat(fd, &st) == 0 && st.st_dev == pipe.st_dev && st.st_ino == pipe.st_ino &&
        (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
      return UniqueFd(fd);
  return UniqueFd{};
}

Error execute_anew(const Handover& handover) {
  const std::string program = own_executable();
  char** const argv = own_arguments();
  if (program.empty() || argv == nullptr) return Error{ENOENT, "find", "the program"};
  if (!is_understood_by(program)) return Error{EPROTO, "hand over to", program};
  std::vector<int> given;
  const int highest = highest_open_descriptor();
  for (int fd = STDERR_FILENO + 1; fd <= highest; ++fd)
    if (!is_inherited(fd) && is_handed_over(fd) && ::fcntl(fd, F_SETFD, 0) == 0) given.push_back(fd);
  ::setenv(kVariable, encode_handover(handover, ::getpid()).c_str(), 1);
  ::execv(program.c_str(), argv);
  const Error error = error_here("execute", program);
  ::unsetenv(kVariable);
  for (const int fd : given) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return error;
}

int handover_main(int argc, char** argv) {
  const bool understood = argc == 3 && std::strcmp(argv[1], kQuestion) == 0 && argv[2] == kHandoverVersion;
  return understood ? 0 : 100;
}

}  // namespace kindred
