#include "core/log/line_stamper.h"

#include <algorithm>

namespace kindred {

void LineStamper::add(std::string_view bytes, std::string_view stamp, std::string& out) {
  while (!bytes.empty()) {
    if (!within_line_) out += stamp;
    const std::size_t newline = bytes.find('\n');
    within_line_ = newline == std::string_view::npos;
    const std::size_t size = within_line_ ? bytes.size() : newline + 1;
    out += bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
}

}  // namespace kindred
