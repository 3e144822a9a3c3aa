#pragma once
// The one place that includes epoll: readiness and deadlines, nothing else. It wakes for nothing but these.

#include <cstdint>
#include <utility>

#include "core/base/result.h"
#include "core/sys/clock.h"
#include "core/sys/timer_queue.h"
#include "core/sys/unique_fd.h"

struct epoll_event;
struct timespec;

namespace kindred {

class ReadyHandler {
 public:
  virtual void on_ready() noexcept = 0;

 protected:
  ~ReadyHandler() = default;
};

class EventLoop;

/// What a watched descriptor is watched for. A hang-up calls the handler in any case.
enum class Await : std::uint8_t {
  Nothing,
  Bytes,
  MoreBytes,  ///< than there are, which the handler leaves unread
  Room,
};

/// A descriptor that is being watched, for as long as this lives. Its end is to come before the descriptor's
/// and the handler's: from then on the handler is not called, in this turn either, and may be destroyed, by
/// its own call too where that touches it no more. The loop lives longer.
class Watch {
 public:
  Watch() = default;
  Watch(Watch&& from) noexcept { *this = std::move(from); }
  Watch& operator=(Watch&& from) noexcept;
  ~Watch() { end(); }

  explicit operator bool() const { return loop_ != nullptr; }
  void end() noexcept;
  /// What it is watched for from now on; at first that is bytes to read.
  void await(Await what) noexcept;

 private:
  friend class EventLoop;
  Watch(EventLoop& loop, ReadyHandler& handler, int fd) : loop_(&loop), handler_(&handler), fd_(fd) {}

  EventLoop* loop_ = nullptr;
  ReadyHandler* handler_ = nullptr;
  int fd_ = -1;
};

class EventLoop {
 public:
  explicit EventLoop(const Clock& clock) : clock_(clock) {}
  /// Errors: also where no call that waits is permitted here.
  [[nodiscard]] Status open();

  /// Calls the handler while `fd` is readable (or hung up).
  [[nodiscard]] Result<Watch> watch(int fd, ReadyHandler& handler) noexcept;
  /// Likewise, but called after all others of a turn: deaths are handled after the commands that came before
  /// them.
  [[nodiscard]] Result<Watch> watch_last(int fd, ReadyHandler& handler) noexcept;
  /// Likewise, but called before all others of every turn in which anything is ready: what is to be done
  /// first may be there already though this turn does not say so. One handler at a time.
  [[nodiscard]] Result<Watch> watch_first(int fd, ReadyHandler& handler) noexcept;

  [[nodiscard]] TimerQueue& timers() { return timers_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

  /// Waits for the next event and handles all that are there. Before the first wait, what only the start
  /// needed is given back.
  void turn() noexcept;

 private:
  friend class Watch;
  [[nodiscard]] int wait(epoll_event* events) noexcept;
  /// `time` null: without end. Errors: -1 and errno.
  [[nodiscard]] int wait_for(epoll_event* events, const timespec* time) noexcept;
  /// It may still stand in this turn's batch.
  void strike_out(const ReadyHandler* handler) noexcept;

  const Clock& clock_;
  UniqueFd epoll_;
  TimerQueue timers_;
  ReadyHandler* first_ = nullptr;
  int first_watches_ = 0;  ///< it may have several descriptors
  ReadyHandler* last_ = nullptr;
  epoll_event* batch_ = nullptr;  ///< of this turn: what is ready
  int batch_size_ = 0;
  bool settled_ = false;  ///< has had nothing to do for a moment
  bool coarse_ = false;   ///< waits in milliseconds: finer ones are refused here
};

}  // namespace kindred
