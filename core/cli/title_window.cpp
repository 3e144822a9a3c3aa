#include "core/cli/title_window.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace kindred {

TitleWindow::TitleWindow(std::span<char> area, const TitleRules& rules) : moving_(area.subspan(rules.kept)) {
  assert(area.size() >= rules.minimum && rules.minimum > rules.kept);
  if (rules.blank) std::fill(area.begin(), area.end(), '.');
}

void TitleWindow::push(std::string_view bytes) {
  // Backwards, until the window is full: of a long text only the end can be seen.
  std::size_t fresh = 0;
  std::size_t from = bytes.size();
  while (from > 0 && fresh < moving_.size())
    if (bytes[--from] != '\0') ++fresh;
  const std::size_t old = moving_.size() - fresh;
  std::memmove(moving_.data(), moving_.data() + fresh, old);
  std::copy_if(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(),
               moving_.begin() + static_cast<std::ptrdiff_t>(old), [](char c) { return c != '\0'; });
}

}  // namespace kindred
