#pragma once
// Deadlines in a binary heap of intrusive timers. Arming and firing never allocate: room is reserved when a
// timer's owner comes, by reserve().

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/time.h"

namespace kindred {

class Timer {
 public:
  virtual void on_timer() noexcept = 0;

 protected:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() = default;

 private:
  friend class TimerQueue;
  static constexpr std::uint32_t kIdle = UINT32_MAX;
  Instant deadline_ = Instant::never();
  std::uint32_t place_ = kIdle;
};

class TimerQueue {
 public:
  /// Makes room for `timers` armed at one time.
  void reserve(std::size_t timers);
  /// Makes room for these besides, whatever reserve() is asked for.
  void reserve_besides(std::size_t timers) {
    besides_ += timers;
    reserve(0);
  }
  /// Instant::never() disarms.
  void arm(Timer& timer, Instant deadline) noexcept;
  /// Then at the latest: what is due sooner stays.
  void arm_by(Timer& timer, Instant deadline) noexcept;
  void disarm(Timer& timer) noexcept { arm(timer, Instant::never()); }
  [[nodiscard]] Instant next() const noexcept;
  /// Calls on_timer() of all that are due; each is disarmed before it is called.
  void fire(Instant now) noexcept;

 private:
  void place(std::size_t at, Timer* timer) noexcept;
  void rise(std::size_t at) noexcept;
  void sink(std::size_t at) noexcept;
  void remove(std::size_t at) noexcept;

  std::vector<Timer*> heap_;
  std::size_t besides_ = 0;
};

}  // namespace kindred
