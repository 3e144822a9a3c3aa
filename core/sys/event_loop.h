#pragma once
// The one place that includes epoll: readiness and deadlines, nothing else. It wakes for nothing but these.

#include <cstdint>

#include "core/base/result.h"
#include "core/sys/clock.h"
#include "core/sys/timer_queue.h"
#include "core/sys/unique_fd.h"

struct epoll_event;

namespace kindred {

class ReadyHandler {
 public:
  virtual void on_ready() noexcept = 0;

 protected:
  ~ReadyHandler() = default;
};

class EventLoop {
 public:
  explicit EventLoop(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] Status open();

  /// Calls the handler while `fd` is readable (or hung up). The caller keeps both alive until unwatch(), and
  /// the handler until the turn in which it was unwatched is over.
  [[nodiscard]] Status watch(int fd, ReadyHandler& handler) noexcept;
  /// Likewise, but called after all others of a turn: deaths are handled after the commands that came before
  /// them.
  [[nodiscard]] Status watch_last(int fd, ReadyHandler& handler) noexcept;
  /// Likewise, but called before all others of every turn in which anything is ready: what is to be done
  /// first may be there already though this turn does not say so.
  [[nodiscard]] Status watch_first(int fd, ReadyHandler& handler) noexcept;
  void unwatch(int fd) noexcept;
  /// Stops and takes up again the calls for a watched descriptor.
  void pause(int fd, ReadyHandler& handler, bool paused) noexcept {
    await(fd, handler, paused ? Await::Nothing : Await::Bytes);
  }
  /// What a watched descriptor is watched for from now on; at first it is bytes to read. A hang-up calls the
  /// handler in any case.
  enum class Await : std::uint8_t { Nothing, Bytes, Room };
  void await(int fd, ReadyHandler& handler, Await what) noexcept;

  [[nodiscard]] TimerQueue& timers() { return timers_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

  /// Waits for the next event and handles all that are there. Before the first wait, what only the start
  /// needed is given back.
  void turn() noexcept;

 private:
  [[nodiscard]] int wait(epoll_event* events) noexcept;

  const Clock& clock_;
  UniqueFd epoll_;
  TimerQueue timers_;
  ReadyHandler* first_ = nullptr;
  ReadyHandler* last_ = nullptr;
  bool settled_ = false;  ///< has had nothing to do for a moment
};

}  // namespace kindred
