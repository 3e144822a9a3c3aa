#pragma once
// A POSIX extended regular expression over the events that have come so far.

#include <regex.h>

#include <memory>
#include <string>

#include "core/base/result.h"

namespace kindred::s6 {

class EventMatch {
 public:
  /// Errors: EINVAL, object `expression`.
  static Result<EventMatch> compile(const char* expression);

  /// Whether what has come up to and with this event matches somewhere.
  [[nodiscard]] bool hear(char event);

  /// Of what has come only so many of the latest events count.
  static constexpr std::size_t kMostEvents = 4096;

 private:
  struct Free {
    void operator()(regex_t* expression) const {
      regfree(expression);
      delete expression;
    }
  };
  explicit EventMatch(std::unique_ptr<regex_t, Free> expression) : expression_(std::move(expression)) {}

  std::unique_ptr<regex_t, Free> expression_;
  std::string events_;
};

}  // namespace kindred::s6
