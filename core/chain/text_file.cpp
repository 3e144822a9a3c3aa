#include "core/chain/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
/// The kernel's limit on the words and variables of a program, however high its stack may grow.
constexpr std::size_t kMost = 6 * 1024 * 1024;

}  // namespace

Result<std::string> read_text(const std::optional<std::string>& path) {
  const std::string object = path.value_or("standard input");
  UniqueFd file;
  if (path) {
    file.reset(::open(path->c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
    if (!file) return error_here("read", object);
  }
  const int descriptor = path ? file.get() : STDIN_FILENO;
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t size; (size = ::read(descriptor, block.data(), block.size())) != 0;) {
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return error_here("read", object);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kMost) return error_here("read", object, E2BIG);
  }
  if (text.find('\0') != std::string::npos) return Error{0, "there is a NUL byte in", object};
  return text;
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> text_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = without_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  }
  return lines;
}

std::vector<VariableChange> parse_variables(std::string_view text) {
  std::vector<VariableChange> changes;
  for (const std::string_view line : text_lines(text)) {
    const std::size_t equals = line.find('=');
    VariableChange change{std::string(without_blanks(line.substr(0, equals))), std::nullopt};
    if (change.name.empty()) continue;
    if (equals != std::string_view::npos) change.value = unescape(without_blanks(line.substr(equals + 1)));
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string unescape(std::string_view text) {
  struct Escape {
    char letter;
    char meaning;
  };
  constexpr std::array kEscapes = {Escape{'\\', '\\'}, Escape{'n', '\n'}, Escape{'t', '\t'},
                                   Escape{'_', ' '}};
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size())
      for (const Escape& escape : kEscapes)
        if (escape.letter == text[i + 1]) {
          c = escape.meaning;
          ++i;
          break;
        }
    plain += c;
  }
  return plain;
}

}  // namespace kindred
