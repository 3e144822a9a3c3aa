#pragma once
// Text in which every line begins with a stamp. Pure: what the stamp looks like and which moment it tells is
// the caller's affair.

#include <string>
#include <string_view>

namespace kindred {

class LineStamper {
 public:
  /// Appends `bytes`, which may begin or end within a line, to `out`, with `stamp` before the first byte of
  /// each line; an empty line's first byte is its newline.
  void add(std::string_view bytes, std::string_view stamp, std::string& out);

  /// Whether the text so far ends with something other than a newline.
  [[nodiscard]] bool within_line() const { return within_line_; }

 private:
  bool within_line_ = false;
};

}  // namespace kindred
