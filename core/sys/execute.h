#pragma once
// Chain loading: this process becomes another program.

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

namespace kindred {

/// How a family looks for a program in PATH. What may not be executed is passed over, but remembered.
struct SearchRules {
  const char* default_path = "/bin:/usr/bin";  ///< where PATH is unset
  bool empty_is_here = true;       ///< an empty element is the working directory; else it is none at all
  bool passes_over_files = false;  ///< so is an element that is no directory, passed over and remembered
  int no_element = ENOENT;         ///< the error where PATH has no element that is looked at
  bool seeks_empty_name = false;   ///< the empty name finds the directories; else it is nowhere
};

/// The paths that a program may have, one after the other: its name alone if that has a slash.
class ProgramCandidates {
 public:
  /// `path` is PATH; nullopt: unset.
  ProgramCandidates(std::string_view file, std::optional<std::string_view> path, const SearchRules& rules);
  /// Null after the last one. Valid until the next call. Allocates nothing.
  [[nodiscard]] const char* next();
  [[nodiscard]] bool searches() const { return searches_; }

 private:
  std::string_view file_;
  std::string_view rest_;
  bool more_;
  bool empty_is_here_;
  bool searches_;
  std::string candidate_;
};

/// Replaces this process by `file`, which the rules find, or whose name has a slash; no shell is tried for a
/// file that the kernel does not know. Returns only on failure: the errno.
[[nodiscard]] int execute(const char* file, char* const argv[], char* const environment[],
                          std::optional<std::string_view> path, const SearchRules& rules = {});

/// Likewise, for a child that shares its parent's memory: nothing is allocated.
[[nodiscard]] int execute(ProgramCandidates& candidates, char* const argv[], char* const environment[],
                          const SearchRules& rules);

/// Likewise, in this process's PATH. `environment` becomes the program's; null: this process's.
[[nodiscard]] int execute(const char* file, char* const argv[], char* const environment[] = nullptr);

}  // namespace kindred
