#include "core/chain/env_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/sys/directory_entries.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

/// The kernel's limit on one entry of an environment.
constexpr std::size_t kLongestEntry = 128 * 1024;

struct Entry {
  std::string name;
  bool is_regular = false;  ///< the directory says so; where it does not, the file may still be one
};

/// By name; none that begins with a dot. Errors: read's.
Result<std::vector<Entry>> entries_of(int directory) {
  std::vector<Entry> entries;
  const int error = for_each_entry(directory, [&](const char* name, unsigned char type) {
    if (name[0] != '.') entries.push_back({name, type == DT_REG});
  });
  if (error != 0) return Error{error, "", ""};
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

Result<std::string> beginning_of(int file, bool is_regular, const std::string& object,
                                 const ValueRules& rules) {
  if (is_regular) {
    // Where such a file gives less than was asked for, that is all: most need no second call.
    std::array<char, 4096> block;
    const ssize_t size = ::pread(file, block.data(), block.size(), 0);
    if (size >= 0 && static_cast<std::size_t>(size) < block.size())
      return std::string(block.data(), static_cast<std::size_t>(size));
  }
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
  const auto entries = entries_of(directory->get());
  if (!entries) return error_here("read directory", path, entries.error().code);
  std::vector<VariableChange> changes;
  for (const auto& [name, is_regular] : *entries) {
    if (rules.skips_equals && name.find('=') != std::string::npos) continue;
    const std::string object = std::string(path) + "/" + name;
    const UniqueFd file(::openat(directory->get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
      const int error = errno;
      if (error == ENOENT && is_gone(directory->get(), name.c_str())) continue;
      return error_here("read", object, error);
    }
    if (rules.skips_special && !is_regular && is_special(file.get())) {
      if (passed_over != nullptr) passed_over->push_back(object);
      continue;
    }
    const Result<std::string> content = beginning_of(file.get(), is_regular, object, rules.value);
    if (!content && content.error().code == EISDIR && rules.skips_directories) continue;
    if (!content) return content.error();
    changes.push_back(variable_of_file(rules.prefix + name, *content, rules.value));
  }
  return changes;
}

}  // namespace kindred
