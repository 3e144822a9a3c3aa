#pragma once
// A listener in an event directory (core/sys/event_directory.h): from when it is made, it hears whatever is
// told there.

#include <string>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class EventSubscription {
 public:
  /// Needs permission to write in the directory, not to read it. Errors: open's, mkfifo's and rename's,
  /// object `path`.
  static Result<EventSubscription> open(int at, const char* path);

  EventSubscription(EventSubscription&&) noexcept = default;
  EventSubscription& operator=(EventSubscription&&) = delete;
  /// Its FIFO goes with it.
  ~EventSubscription();

  /// Readable when events have come.
  [[nodiscard]] int fd() const { return fifo_.get(); }

  /// The events that have come since the last call, in order.
  [[nodiscard]] std::string take() const;

 private:
  EventSubscription(UniqueFd directory, UniqueFd fifo, std::string name)
      : directory_(std::move(directory)), fifo_(std::move(fifo)), name_(std::move(name)) {}

  UniqueFd directory_, fifo_;
  std::string name_;
};

}  // namespace kindred
