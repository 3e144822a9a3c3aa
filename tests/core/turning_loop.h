#pragma once
// Turns a supervisor's loop until something is so, in the test's own process.

#include <functional>

#include "core/engine/supervisor.h"

namespace kindred::test {

class TurningLoop final : Timer {
 public:
  TurningLoop(EventLoop& loop, Supervisor& supervisor) : loop_(loop), supervisor_(supervisor) {
    loop_.timers().reserve(1);
  }

  /// False if it never is.
  bool until(const std::function<bool()>& condition) {
    for (int turns = 0; turns < 2000; ++turns) {
      if (condition()) return true;
      turn(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// Once; waits for something to do, but no longer than this.
  void turn(Duration longest) {
    loop_.timers().arm(*this, loop_.clock().now().steady + longest);
    supervisor_.turn();
  }

 private:
  void on_timer() noexcept override {}

  EventLoop& loop_;
  Supervisor& supervisor_;
};

}  // namespace kindred::test
