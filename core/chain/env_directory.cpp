#include "core/chain/env_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/sys/files.h"

namespace kindred {
namespace {

/// The kernel's limit on one entry of an environment.
constexpr std::size_t kLongestEntry = 128 * 1024;

Result<std::string> beginning_of(int file, const std::string& object, const ValueRules& rules) {
  Result<std::string> content = read_beginning(file, object, kLongestEntry);
  const bool is_cut = rules.most < kLongestEntry;
  if (content && !is_cut && content->size() == kLongestEntry &&
      (rules.whole_file || content->find('\n') == std::string::npos))
    return error_here("read", object, E2BIG);
  return content;
}

bool is_special(int file) {
  struct stat st;
  return ::fstat(file, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool is_gone(int directory, const char* name) {
  struct stat st;
  return ::fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

}  // namespace

Result<std::vector<VariableChange>> read_env_directory(const char* path, const EnvDirectoryRules& rules,
                                                       std::vector<std::string>* passed_over) {
  // No variable holds one.
  if (rules.value.nul_becomes == '\0') return error_here(rules.enters, path, EINVAL);
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path);
  if (!directory && (rules.unopened_is_empty || (directory.error().code == ENOENT && rules.missing_is_empty)))
    return std::vector<VariableChange>();
  if (!directory) return error_here(rules.enters, path, directory.error().code);
  const auto names = list_directory(directory->get(), ".");
  if (!names) return error_here("read directory", path, names.error().code);
  std::vector<VariableChange> changes;
  for (const std::string& name : *names) {
    if (rules.skips_equals && name.find('=') != std::string::npos) continue;
    const std::string object = std::string(path) + "/" + name;
    const UniqueFd file(::openat(directory->get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
      const int error = errno;
      if (error == ENOENT && is_gone(directory->get(), name.c_str())) continue;
      return error_here("read", object, error);
    }
    if (rules.skips_special && is_special(file.get())) {
      if (passed_over != nullptr) passed_over->push_back(object);
      continue;
    }
    const Result<std::string> content = beginning_of(file.get(), object, rules.value);
    if (!content && content.error().code == EISDIR && rules.skips_directories) continue;
    if (!content) return content.error();
    changes.push_back(variable_of_file(rules.prefix + name, *content, rules.value));
  }
  return changes;
}

}  // namespace kindred
