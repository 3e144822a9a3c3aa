#include "core/definition/unit_file.h"

#include <algorithm>
#include <iterator>

namespace kindred {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
}

bool is_comment(std::string_view line) { return line.empty() || line[0] == '#' || line[0] == ';'; }

/// Takes lines off the text, and counts them.
struct Lines {
  std::string_view rest;
  std::size_t number = 0;

  [[nodiscard]] bool any() const { return !rest.empty(); }
  std::string_view take() {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ++number;
    return without_blanks(line);
  }
};

/// A line with those in which it goes on.
std::string whole_line(std::string_view first, Lines& lines) {
  std::string whole(first);
  while (whole.ends_with('\\') && lines.any()) {
    const std::string_view next = lines.take();
    if (!next.empty() && is_comment(next)) continue;
    whole.back() = ' ';
    whole += next;
  }
  return whole;
}

}  // namespace

void UnitFile::append(UnitFile more) {
  settings.insert(settings.end(), std::make_move_iterator(more.settings.begin()),
                  std::make_move_iterator(more.settings.end()));
  strays.insert(strays.end(), std::make_move_iterator(more.strays.begin()),
                std::make_move_iterator(more.strays.end()));
}

UnitFile parse_unit_file(std::string_view text, std::string_view file) {
  UnitFile unit;
  std::string section;
  Lines lines{text};
  while (lines.any()) {
    const std::string_view first = lines.take();
    if (is_comment(first)) continue;
    const std::size_t number = lines.number;
    const std::string line = whole_line(first, lines);
    const std::size_t equals = line.find('=');
    if (line[0] == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
    } else if (equals == std::string::npos || without_blanks(line.substr(0, equals)).empty()) {
      unit.strays.push_back({line, std::string(file), number});
    } else {
      const std::string_view whole = line;
      unit.settings.push_back({section, std::string(without_blanks(whole.substr(0, equals))),
                               std::string(without_blanks(whole.substr(equals + 1))), std::string(file),
                               number});
    }
  }
  return unit;
}

}  // namespace kindred
