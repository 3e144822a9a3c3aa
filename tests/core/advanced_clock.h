#pragma once
// A clock of the real time, so that a test need not wait for a limit.

#include "core/sys/clock.h"

namespace kindred::test {

/// Runs on by itself, and can be put forward.
class AdvancedClock final : public Clock {
 public:
  [[nodiscard]] Now now() const noexcept override {
    Now now = real_.now();
    now.steady = now.steady + ahead_;
    return now;
  }
  void advance(Duration by) { ahead_ += by; }

 private:
  SystemClock real_;
  Duration ahead_{0};
};

}  // namespace kindred::test
