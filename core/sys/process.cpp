#include "core/sys/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/sys/files.h"

namespace kindred {
namespace {
// Of /proc/PID/stat, counted from 1; see proc(5).
constexpr int kStateField = 3, kParentField = 4, kFlagsField = 9, kStartTimeField = 22;
constexpr unsigned long kExiting = 4;  // PF_EXITING of the flags
}  // namespace

std::optional<ProcessFacts> facts_of(pid_t pid) noexcept {
  const std::optional<ProcessFacts> facts = facts_of_any(pid);
  return facts && !facts->zombie ? facts : std::nullopt;
}

std::optional<ProcessFacts> facts_of_any(pid_t pid) noexcept {
  char text[2048];
  std::snprintf(text, sizeof text, "/proc/%d/stat", static_cast<int>(pid));
  const UniqueFd file(::open(text, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const ssize_t size = file ? ::read(file.get(), text, sizeof text - 1) : -1;
  if (size <= 0) return std::nullopt;
  text[size] = '\0';
  // The command's name may hold blanks and parentheses; fields are counted from the last one.
  const char* at = std::strrchr(text, ')');
  if (at == nullptr || at[1] == '\0') return std::nullopt;
  at += 2;
  if (*at == 'X') return std::nullopt;
  ProcessFacts facts;
  facts.zombie = *at == 'Z';
  for (int field = kStateField; field < kStartTimeField; ++field) {
    if (field == kParentField) facts.parent = static_cast<pid_t>(std::atoi(at));
    if (field == kFlagsField) facts.ends = (std::strtoul(at, nullptr, 10) & kExiting) != 0;
    at = std::strchr(at, ' ');
    if (at == nullptr) return std::nullopt;
    ++at;
  }
  facts.start_ticks = std::strtoull(at, nullptr, 10);
  return facts;
}

Result<std::vector<pid_t>> numbers_of_children(pid_t pid) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/task/%d/children", static_cast<int>(pid), static_cast<int>(pid));
  constexpr std::size_t kMost = 4U << 20;
  const Result<std::string> text = read_file(AT_FDCWD, path, kMost);
  if (!text) return text.error();
  std::vector<pid_t> children;
  const char* at = text->data();
  const char* const end = at + text->size();
  for (pid_t child = 0;;) {
    const auto [after, error] = std::from_chars(at, end, child);
    if (error != std::errc{}) break;
    children.push_back(child);
    at = after == end ? end : after + 1;
  }
  return children;
}

bool sees_processes() noexcept { return facts_of_any(::getpid()).has_value(); }

bool may_be_ours(pid_t pid) noexcept { return ::geteuid() == 0 || ::kill(pid, 0) == 0; }

bool leads_group(pid_t pid) noexcept { return ::getpgid(pid) == pid; }

std::int32_t wait_status_of(const siginfo_t& ended) noexcept {
  if (ended.si_code == CLD_EXITED) return (ended.si_status & 0xff) << 8;
  return (ended.si_status & 0x7f) | (ended.si_code == CLD_DUMPED ? 0x80 : 0);
}

UniqueFd open_process(pid_t pid) noexcept {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

namespace {
/// Every pipe is on the kernel's own file system: a FIFO of that number elsewhere is none.
bool is_pipe(const struct stat& st, std::uint64_t inode) noexcept {
  if (!S_ISFIFO(st.st_mode) || st.st_ino != inode) return false;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const UniqueFd reading(ends[0]), writing(ends[1]);
  struct stat any;
  return ::fstat(ends[0], &any) == 0 && any.st_dev == st.st_dev;
}
}  // namespace

UniqueFd open_pipe_of(pid_t pid, int fd, std::uint64_t inode) noexcept {
  char path[48];
  std::snprintf(path, sizeof path, "/proc/%d/fd/%d", static_cast<int>(pid), fd);
  struct stat st;
  if (::stat(path, &st) != 0 || !is_pipe(st, inode)) return UniqueFd{};
  UniqueFd pipe(::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  // It may have become another in between.
  if (!pipe || ::fstat(pipe.get(), &st) != 0 || !is_pipe(st, inode)) return UniqueFd{};
  return pipe;
}

}  // namespace kindred
