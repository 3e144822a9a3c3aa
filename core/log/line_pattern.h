#pragma once
// The pattern languages with which loggers select lines. Pure; a match allocates nothing.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

class LinePattern {
 public:
  /// The whole line; `*` before a byte skips to the first such byte, without a second try; at the end it matches
  /// anything. Source: interfaces/daemontools.md section 8.2.
  [[nodiscard]] static LinePattern star(std::string_view pattern);
  /// Likewise, and `+` before a byte is one or more of it, where a line that ends within the run matches whatever
  /// follows. Source: interfaces/runit.md section 10.4.
  [[nodiscard]] static LinePattern star_plus(std::string_view pattern);
  /// fnmatch(3), flags 0; a NUL ends the line. Source: interfaces/encore.md section 11.
  [[nodiscard]] static LinePattern glob(std::string_view pattern);
  /// A POSIX extended regular expression, anywhere in the line. Errors: regcomp's words as the operation.
  /// Source: interfaces/s6.md section 12.1.
  [[nodiscard]] static Result<LinePattern> regex(const std::string& pattern);

  [[nodiscard]] bool matches(std::string_view line) const;

 private:
  enum class Kind : std::uint8_t { Star, StarPlus, Glob, Regex, Literal };
  struct Compiled;

  LinePattern(Kind kind, std::string_view text) : kind_(kind), text_(text) {}

  Kind kind_;
  bool at_begin_ = false, at_end_ = false;  ///< of a literal
  std::string text_;
  std::shared_ptr<Compiled> compiled_;
};

}  // namespace kindred
