#include "core/sys/waiting.h"

#include <cerrno>
#include <ctime>

namespace kindred {

int wait_for_any(std::span<pollfd> watched, int milliseconds) noexcept {
  const int ready = ::poll(watched.data(), watched.size(), milliseconds);
  if (ready >= 0 || errno == EINTR) return ready;
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  return ::ppoll(watched.data(), watched.size(), milliseconds < 0 ? nullptr : &time, nullptr);
}

Status may_wait() noexcept {
  if (wait_for_any({}, 0) < 0 && errno != EINTR) return error_here("wait for", "events");
  return ok();
}

}  // namespace kindred
