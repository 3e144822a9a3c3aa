#include "core/base/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kindred {

std::size_t distance(std::string_view word, std::string_view other) {
  std::vector<std::size_t> before_last(other.size() + 1), last(other.size() + 1), row(other.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= word.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = word[i - 1] == other[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[other.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string> known) {
  // A third of the word may be wrong; of a word of one or two bytes nothing would be left.
  constexpr std::size_t kShortest = 3;
  const std::size_t most = word.size() / kShortest;
  std::string_view found;
  std::size_t least = most + 1;
  for (const std::string& each : known) {
    const std::size_t longer = std::max(word.size(), each.size()),
                      shorter = std::min(word.size(), each.size());
    if (longer - shorter > most) continue;
    const std::size_t apart = distance(word, each);
    if (apart > most || apart > least) continue;
    if (apart == least && found != each) {
      found = {};
      continue;
    }
    found = each;
    least = apart;
  }
  return found;
}

}  // namespace kindred
