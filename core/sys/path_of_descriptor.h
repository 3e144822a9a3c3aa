#pragma once
// Calls that take a path only, for a file in a directory that is open: through /proc, which names each
// descriptor, and where there is no /proc from within that directory.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>
#include <optional>
#include <string_view>

#include "core/sys/unique_fd.h"

namespace kindred {

/// The working directory is another one while this lives.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(int directory) : before_(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (before_) entered_ = ::fchdir(directory) == 0;
  }
  /// Leaves errno as it is.
  ~WorkingDirectory() {
    const int error = errno;
    if (entered_) (void)!::fchdir(before_.get());
    before_.reset();
    errno = error;
  }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;
  [[nodiscard]] explicit operator bool() const { return entered_; }

 private:
  UniqueFd before_;
  bool entered_ = false;
};

/// What with_path_in() makes a path of.
struct DescriptorPath {
  int directory = -1;
  std::string_view name;
};
/// nullopt: it is none.
[[nodiscard]] inline std::optional<DescriptorPath> parse_descriptor_path(std::string_view path) {
  constexpr std::string_view kBeginning = "/proc/self/fd/";
  if (!path.starts_with(kBeginning)) return std::nullopt;
  path.remove_prefix(kBeginning.size());
  DescriptorPath parsed;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), parsed.directory);
  const auto size = static_cast<std::size_t>(end - path.data());
  if (error != std::errc{} || parsed.directory < 0 || size == path.size() || path[size] != '/')
    return std::nullopt;
  parsed.name = path.substr(size + 1);
  return parsed;
}

/// What `act` returns for a path to `name` in the open directory: a negative number, and errno, where it has
/// failed. It may be asked twice, and nothing else may rely on the working directory meanwhile.
template <class Act>
auto with_path_in(int directory, const char* name, const Act& act) -> decltype(act(name)) {
  char path[PATH_MAX];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);
  const auto result = act(static_cast<const char*>(path));
  const int error = errno;
  if (result >= 0 || ::access("/proc/self/fd", F_OK) == 0) {
    errno = error;
    return result;
  }
  const WorkingDirectory there(directory);
  return there ? act(name) : -1;
}

}  // namespace kindred
