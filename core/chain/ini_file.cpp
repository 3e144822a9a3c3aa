#include "core/chain/ini_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::vector<VariableChange> parse_ini(std::string_view text, std::string_view prefix) {
  std::vector<VariableChange> changes;
  std::string section;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == ';') continue;
    if (line.front() == '[') {
      if (line.back() == ']') section = std::string(line.substr(1, line.size() - 2)) + "_";
      continue;
    }
    const std::size_t name_end = line.find_first_of(" \t=");
    if (name_end == std::string_view::npos) continue;
    const std::string_view rest = trimmed(line.substr(name_end));
    if (rest.empty() || rest.front() != '=') continue;
    std::string name(prefix);
    name += section;
    name += line.substr(0, name_end);
    changes.push_back({std::move(name), std::string(trimmed(rest.substr(1)))});
  }
  return changes;
}

Result<std::vector<VariableChange>> read_ini_file(const char* path, std::string_view prefix) {
  constexpr std::size_t kMost = 1024 * 1024;
  const UniqueFd file(::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return std::vector<VariableChange>();
    return error_here("read", path);
  }
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t size; (size = ::read(file.get(), block.data(), block.size())) != 0;) {
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return error_here("read", path);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kMost) return error_here("read", path, E2BIG);
  }
  return parse_ini(text, prefix);
}

}  // namespace kindred
