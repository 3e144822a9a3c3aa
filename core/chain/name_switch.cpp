#include "core/chain/name_switch.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestAnswer = 1024 * 1024;

/// Where the helper lies: beside this program, which its own link in /proc knows; without /proc, where it was
/// installed.
std::string helper_path() {
  std::array<char, 4096> self;
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  std::string path = KINDRED_LIBEXEC "/kindred-account";
  if (size <= 0 || size == static_cast<ssize_t>(self.size())) return path;
  const std::string_view program(self.data(), static_cast<std::size_t>(size));
  return std::string(program.substr(0, program.rfind('/') + 1)) + "kindred-account";
}

}  // namespace

Result<std::string> ask_name_switch(const char* what, std::string_view name) {
  const std::string path = helper_path();
  const std::string word(name);
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("look for", name);
  UniqueFd out(ends[0]), in(ends[1]);
  const pid_t pid = ::fork();
  if (pid == -1) return error_here("look for", name);
  if (pid == 0) {
    if (::dup2(in.get(), 1) == 1) ::execl(path.c_str(), path.c_str(), what, word.c_str(), nullptr);
    ::_exit(0);
  }
  in.reset();
  std::string answer;
  std::array<char, 4096> block;
  for (ssize_t size; (size = ::read(out.get(), block.data(), block.size())) != 0;) {
    if (size == -1 && errno == EINTR) continue;
    if (size == -1 || answer.size() > kLongestAnswer) break;
    answer.append(block.data(), static_cast<std::size_t>(size));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (answer.ends_with('\n')) answer.pop_back();
  return answer;
}

}  // namespace kindred
