#include "core/chain/traffic_text.h"

namespace kindred {

std::string traffic_text(std::string_view whose, Direction direction, std::string_view bytes) {
  const std::string begin = std::string(whose) + " " + static_cast<char>(direction) + " ";
  if (bytes.empty()) return begin + "[EOF]\n";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    text.append(begin).append(bytes.substr(0, newline));
    text.append(newline == std::string_view::npos ? "+\n" : " \n");
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
  }
  return text;
}

}  // namespace kindred
