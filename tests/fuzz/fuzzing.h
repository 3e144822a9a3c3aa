#pragma once
// What fuzz targets share.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::test {

/// Ends the target, which is a finding.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// A tool's name, and words that end with a NUL each.
inline std::vector<std::string> words_of(std::string_view input) {
  std::vector<std::string> words = {"tool"};
  while (!input.empty()) {
    const std::size_t end = input.find('\0');
    words.emplace_back(input.substr(0, end));
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  }
  return words;
}

}  // namespace kindred::test
