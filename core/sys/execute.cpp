#include "core/sys/execute.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace kindred {

ProgramCandidates::ProgramCandidates(std::string_view file, std::optional<std::string_view> path,
                                     const SearchRules& rules)
    : file_(file),
      rest_(path.value_or(rules.default_path)),
      more_(!file.empty() || rules.seeks_empty_name),
      empty_is_here_(rules.empty_is_here),
      searches_(file.find('/') == std::string_view::npos) {
  candidate_.reserve((searches_ ? rest_.size() + 2 : 0) + file.size());
}

const char* ProgramCandidates::next() {
  while (more_) {
    const std::size_t colon = searches_ ? rest_.find(':') : std::string_view::npos;
    const std::string_view element = rest_.substr(0, colon);
    more_ = colon != std::string_view::npos;
    if (more_) rest_.remove_prefix(colon + 1);
    if (!searches_) {
      candidate_ = file_;
      return candidate_.c_str();
    }
    if (element.empty() && !empty_is_here_) continue;
    candidate_ = element.empty() ? "." : element;
    candidate_ += '/';
    candidate_ += file_;
    return candidate_.c_str();
  }
  return nullptr;
}

int execute(const char* file, char* const argv[], char* const environment[],
            std::optional<std::string_view> path, const SearchRules& rules) {
  ProgramCandidates candidates(file, path, rules);
  return execute(candidates, argv, environment, rules);
}

int execute(ProgramCandidates& candidates, char* const argv[], char* const environment[],
            const SearchRules& rules) {
  int remembered = 0;
  while (const char* const candidate = candidates.next()) {
    execve(candidate, argv, environment);
    if (!candidates.searches()) return errno;
    if (errno == EACCES || errno == EPERM || errno == EISDIR || (errno == ENOTDIR && rules.passes_over_files))
      remembered = errno;
    else if (errno != ENOENT)
      return errno;
    else if (remembered == 0)
      remembered = ENOENT;
  }
  return remembered != 0 ? remembered : rules.no_element;
}

int execute(const char* file, char* const argv[], char* const environment[]) {
  const char* const path = std::getenv("PATH");
  return execute(file, argv, environment != nullptr ? environment : environ,
                 path != nullptr ? std::optional<std::string_view>(path) : std::nullopt);
}

}  // namespace kindred
