#include "core/sys/line.h"

#include <sys/uio.h>

#include <algorithm>
#include <cstring>

#include "core/sys/files.h"

namespace kindred {

Line& Line::add(std::string_view text) noexcept {
  if (text.empty()) return *this;
  const std::size_t size = std::min(text.size(), sizeof text_ - 1 - size_);
  std::memcpy(text_ + size_, text.data(), size);
  size_ += size;
  text_[size_] = '\0';
  return *this;
}

Line expand(std::string_view form, std::initializer_list<Substitution> values) noexcept {
  Line line;
  for (;;) {
    const std::size_t open = form.find('{');
    const std::size_t close = open == std::string_view::npos ? open : form.find('}', open);
    if (close == std::string_view::npos) return line.add(form);
    line.add(form.substr(0, open));
    const std::string_view key = form.substr(open + 1, close - open - 1);
    std::string_view replacement = form.substr(open, close - open + 1);
    for (const Substitution& s : values)
      if (s.key == key) replacement = s.value;
    line.add(replacement);
    form.remove_prefix(close + 1);
  }
}

void say(Line line) noexcept {
  line.add("\n");
  const iovec whole{const_cast<char*>(line.c_str()), line.view().size()};
  write_without_waiting(2, {&whole, 1});
}

}  // namespace kindred
