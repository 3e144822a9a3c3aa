#include "core/service/tree_wish.h"

#include <algorithm>
#include <cstdint>

#include "core/base/number.h"

namespace kindred {
namespace {

constexpr std::uint32_t kDay = 86'400'000;  // milliseconds

std::string_view next(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

}  // namespace

std::optional<TreeWish> parse_tree_wish(std::string_view text) noexcept {
  if (text.size() > kLongestTreeWish) return std::nullopt;
  TreeWish wish;
  bool has_rule = false, has_wait = false;
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view name = next(line, ' ');
    if (name == "after-run" && !has_rule && (line == "end" || line == "follow")) {
      has_rule = true;
      wish.follow = line == "follow";
    } else if (name == "wait" && !has_wait) {
      const auto value = parse_unsigned<std::uint32_t>(line);
      if (!value || *value > kDay) return std::nullopt;
      has_wait = true;
      wish.wait = std::chrono::milliseconds(*value);
    } else {
      return std::nullopt;
    }
  }
  return wish;
}

std::string format_tree_wish(const TreeWish& wish) {
  return std::string("after-run ") + (wish.follow ? "follow" : "end") + "\nwait " +
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(wish.wait).count()) + "\n";
}

}  // namespace kindred
