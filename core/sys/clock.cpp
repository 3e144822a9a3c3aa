#include "core/sys/clock.h"

#include <ctime>

namespace kindred {

Now SystemClock::now() const noexcept {
  timespec steady{};
  timespec wall{};
  ::clock_gettime(CLOCK_MONOTONIC, &steady);
  ::clock_gettime(CLOCK_REALTIME, &wall);
  const std::int64_t micros = std::int64_t{steady.tv_sec} * 1'000'000 + steady.tv_nsec / 1000;
  const auto nanos = static_cast<std::uint32_t>(wall.tv_nsec / 1000 * 1000 + 500);
  return Now{Instant{micros}, WallTime{wall.tv_sec, nanos}};
}

}  // namespace kindred
