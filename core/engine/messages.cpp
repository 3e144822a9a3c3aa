#include "core/engine/messages.h"

#include <cerrno>

#include "core/base/error_text.h"
#include "core/sys/files.h"

namespace kindred {

Line message(std::string_view form, std::string_view service, const Error& error, ErrorText reason) noexcept {
  Line path(service);
  if (error.object.starts_with('/'))
    path = Line(error.object);
  else if (!error.object.empty())
    path.add("/").add(error.object);
  return expand(form, {{"name", service},
                       {"dir", service},
                       {"what", what_failed(error)},
                       {"operation", error.operation},
                       {"object", error.object},
                       {"path", path},
                       {"why", reason(error.code)}});
}

bool is_held_lock(const Error& error) noexcept { return error.operation == "lock" && error.code == EAGAIN; }

Line supervision_failed(const Wording& wording, std::string_view service, const Error& error) noexcept {
  const auto form = [&](const char* own) { return *own != '\0' ? own : wording.fatal; };
  const bool of_lock = std::string_view(error.object).ends_with("/lock");
  return message(is_held_lock(error)                ? wording.locked
                 : of_lock                          ? form(wording.not_lockable)
                 : error.operation == kEnterService ? form(wording.not_entered)
                 : error.operation == kUseAsFifo    ? form(wording.not_a_fifo)
                                                    : wording.fatal,
                 service, error, wording.reason);
}

Line what_failed(const Error& error) noexcept {
  Line line(error.operation);
  if (!error.object.empty()) line.add(" ").add(error.object);
  return line;
}

}  // namespace kindred
