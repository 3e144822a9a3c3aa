#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

/// The parts of a text, each of which ends with a NUL, as in /proc/PID/cmdline.
[[nodiscard]] inline std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace kindred
