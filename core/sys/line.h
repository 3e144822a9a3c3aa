#pragma once
// One line of a process that supervises, whole, on standard error. Nothing here allocates, since a lack of
// memory is one of the things that must be said.

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace kindred {

/// A line that lives where it stands; what does not fit is cut.
class Line {
 public:
  Line() = default;
  Line(std::string_view text) { add(text); }
  Line& add(std::string_view text) noexcept;
  [[nodiscard]] const char* c_str() const { return text_; }
  [[nodiscard]] std::string_view view() const { return {text_, size_}; }
  operator std::string_view() const { return view(); }

 private:
  char text_[1024] = "";
  std::size_t size_ = 0;
};

struct Substitution {
  std::string_view key, value;
};
/// Replaces each {key} by its value; an unknown key stays as it is.
[[nodiscard]] Line expand(std::string_view form, std::initializer_list<Substitution> values) noexcept;

/// Writes the line and a newline with one write(2). What cannot be written at once is lost: there is nobody
/// to tell.
void say(Line line) noexcept;

}  // namespace kindred
