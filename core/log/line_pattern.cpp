#include "core/log/line_pattern.h"

#include <fnmatch.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace kindred {
namespace {

bool matches_star(std::string_view pattern, std::string_view line, bool with_plus) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char byte = pattern[i];
    if (byte == '*') {
      if (i + 1 == pattern.size()) return true;
      // The byte is found and not used up: it is matched next, and may be a star itself.
      const std::size_t found = line.find(pattern[i + 1], at);
      if (found == std::string_view::npos) return false;
      at = found;
    } else if (with_plus && byte == '+') {
      if (i + 1 == pattern.size()) return at == line.size();
      const char repeated = pattern[++i];
      if (at == line.size() || line[at] != repeated) return false;
      while (at < line.size() && line[at] == repeated) ++at;
      if (at == line.size()) return true;
    } else {
      if (at == line.size() || line[at] != byte) return false;
      ++at;
    }
  }
  return at == line.size();
}

bool matches_glob(const std::string& pattern, std::string_view line) {
  // Longer lines are cut before they are matched.
  std::array<char, 4096> text;
  const std::size_t size = std::min(line.size(), text.size() - 1);
  std::copy_n(line.begin(), size, text.begin());
  text[size] = 0;
  return fnmatch(pattern.c_str(), text.data(), 0) == 0;
}

/// Whether the expression is plain text, but for `^` before and `$` behind it.
bool is_plain(std::string_view text) {
  return text.find_first_of("\\^$.[]|()*+?{}") == std::string_view::npos;
}

}  // namespace

struct LinePattern::Compiled {
  regex_t expression{};
  bool there = false;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (there) regfree(&expression);
  }
};

LinePattern LinePattern::star(std::string_view pattern) { return {Kind::Star, pattern}; }
LinePattern LinePattern::star_plus(std::string_view pattern) { return {Kind::StarPlus, pattern}; }
LinePattern LinePattern::glob(std::string_view pattern) { return {Kind::Glob, pattern}; }

Result<LinePattern> LinePattern::regex(const std::string& pattern) {
  std::string_view text = pattern;
  const bool at_begin = text.starts_with('^');
  if (at_begin) text.remove_prefix(1);
  const bool at_end = text.ends_with('$');
  if (at_end) text.remove_suffix(1);
  if (is_plain(text) && !text.empty()) {
    LinePattern plain(Kind::Literal, text);
    plain.at_begin_ = at_begin;
    plain.at_end_ = at_end;
    return plain;
  }
  LinePattern expression(Kind::Regex, pattern);
  expression.compiled_ = std::make_shared<Compiled>();
  const int code =
      regcomp(&expression.compiled_->expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
  if (code != 0) {
    std::array<char, 256> words;
    regerror(code, &expression.compiled_->expression, words.data(), words.size());
    return Error{0, words.data(), pattern};
  }
  expression.compiled_->there = true;
  return expression;
}

bool LinePattern::matches(std::string_view line) const {
  switch (kind_) {
    case Kind::Star:
      return matches_star(text_, line, false);
    case Kind::StarPlus:
      return matches_star(text_, line, true);
    case Kind::Glob:
      return matches_glob(text_, line);
    case Kind::Literal:
      if (at_begin_ && at_end_) return line == text_;
      if (at_begin_) return line.starts_with(text_);
      if (at_end_) return line.ends_with(text_);
      return line.find(text_) != std::string_view::npos;
    case Kind::Regex: {
      regmatch_t range{};
      range.rm_so = 0;
      range.rm_eo = static_cast<regoff_t>(line.size());
      return regexec(&compiled_->expression, line.data(), 0, &range, REG_STARTEND) == 0;
    }
  }
  return false;
}

}  // namespace kindred
