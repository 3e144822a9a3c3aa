#pragma once
// A program argument as a window on a stream: its bytes in this process's argv are overwritten, so `ps` and
// /proc/PID/cmdline show the last of what was read. Argument count and lengths never change.

#include <cstddef>
#include <span>
#include <string_view>

namespace kindred {

/// How a program uses its window.
struct TitleRules {
  std::size_t minimum;  ///< the shortest argument that serves
  std::size_t kept;     ///< so many bytes at the left never move
  bool blank;           ///< the window begins as dots, the kept bytes too
};

class TitleWindow {
 public:
  /// `area`: the argument, in argv itself and without its NUL; at least `rules.minimum` bytes (see fits()).
  TitleWindow(std::span<char> area, const TitleRules& rules);

  [[nodiscard]] static bool fits(std::string_view area, const TitleRules& rules) {
    return area.size() >= rules.minimum;
  }

  /// Each byte enters at the right and moves what is there to the left. NULs are left out: they would end the
  /// argument. Newlines stay newlines.
  void push(std::string_view bytes);

 private:
  std::span<char> moving_;  ///< the area without its kept bytes
};

}  // namespace kindred
