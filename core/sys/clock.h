#pragma once
// The two clocks behind one door, so that tests can bring their own time.

#include "core/base/time.h"

namespace kindred {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Now now() const noexcept = 0;
};

/// CLOCK_MONOTONIC and CLOCK_REALTIME. Wall time has microseconds and 500 ns: the family's stamps end in 500.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Now now() const noexcept override;
};

}  // namespace kindred
