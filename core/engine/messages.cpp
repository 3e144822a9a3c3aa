#include "core/engine/messages.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/error_text.h"
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

Line message(std::string_view form, std::string_view service, const Error& error) noexcept {
  Line path(service);
  if (!error.object.empty()) path.add("/").add(error.object);
  return expand(form, {{"name", service},
                       {"what", what_failed(error)},
                       {"operation", error.operation},
                       {"object", error.object},
                       {"path", path},
                       {"why", error_text(error.code)}});
}

bool is_held_lock(const Error& error) noexcept { return error.operation == "lock" && error.code == EAGAIN; }

Line supervision_failed(const Wording& wording, std::string_view service, const Error& error) noexcept {
  return message(is_held_lock(error) ? wording.locked : wording.fatal, service, error);
}

Line what_failed(const Error& error) noexcept {
  Line line(error.operation);
  if (!error.object.empty()) line.add(" ").add(error.object);
  return line;
}

}  // namespace kindred
