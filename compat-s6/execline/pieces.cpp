#include "compat-s6/execline/pieces.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "compat-s6/execline/value.h"

namespace kindred::execline {

Result<std::optional<std::string>> Pieces::next() {
  for (;;) {
    auto piece = take();
    if (!piece) return piece;
    if (!*piece) {
      if (at_end_) return take_rest();
      if (read_.size() - begin_ > most_) return Error{E2BIG, "read", "a piece"};
      std::array<char, 4096> bytes;
      const ssize_t size = ::read(descriptor_, bytes.data(), bytes.size());
      if (size == -1 && errno == EINTR) continue;
      if (size == -1) return error_here("read", "fd " + std::to_string(descriptor_));
      read_.erase(0, std::exchange(begin_, 0));
      read_.append(bytes.data(), static_cast<std::size_t>(size));
      at_end_ = size == 0;
      continue;
    }
    const std::size_t of_no_content = rules_.keeps_separator && !rules_.separators.empty() ? 1 : 0;
    if (!rules_.skips_empty || (*piece)->size() > of_no_content) return piece;
  }
}

Result<std::optional<std::string>> Pieces::take() {
  if (rules_.separators.empty()) return take_netstring_piece();
  const std::size_t end = read_.find_first_of(rules_.separators, begin_ + searched_);
  if (end == std::string::npos) {
    searched_ = read_.size() - begin_;
    return std::optional<std::string>();
  }
  std::optional<std::string> piece = read_.substr(begin_, end - begin_ + (rules_.keeps_separator ? 1 : 0));
  begin_ = end + 1;
  searched_ = 0;
  return piece;
}

Result<std::optional<std::string>> Pieces::take_netstring_piece() {
  std::string_view rest = std::string_view(read_).substr(begin_);
  const std::size_t before = rest.size();
  if (const auto piece = take_netstring(rest)) {
    std::optional<std::string> copy(*piece);
    begin_ += before - rest.size();
    return copy;
  }
  const bool may_grow = !at_end_ && may_begin_netstring(rest);
  if (may_grow || before == 0) return std::optional<std::string>();
  return Error{EINVAL, "read", "a netstring"};
}

std::optional<std::string> Pieces::take_rest() {
  std::string rest = read_.substr(std::exchange(begin_, read_.size()));
  if (rest.empty() || !rules_.keeps_separator || (rules_.skips_empty && rest.size() == 1))
    return std::nullopt;
  return rest;
}

}  // namespace kindred::execline
