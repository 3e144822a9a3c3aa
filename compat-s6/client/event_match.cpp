#include "compat-s6/client/event_match.h"

#include <cerrno>

namespace kindred::s6 {

Result<EventMatch> EventMatch::compile(const char* expression) {
  auto compiled = std::make_unique<regex_t>();
  if (regcomp(compiled.get(), expression, REG_EXTENDED) != 0)
    return error_here("compile", expression, EINVAL);
  return EventMatch(std::unique_ptr<regex_t, Free>(compiled.release()));
}

bool EventMatch::hear(char event) {
  if (events_.size() == kMostEvents) events_.erase(0, kMostEvents / 2);
  events_ += event;
  // A NUL is an event like any other.
  regmatch_t whole{0, static_cast<regoff_t>(events_.size())};
  return regexec(expression_.get(), events_.c_str(), 1, &whole, REG_STARTEND | REG_NOTBOL | REG_NOTEOL) == 0;
}

}  // namespace kindred::s6
