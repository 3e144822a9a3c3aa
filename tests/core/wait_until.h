#pragma once
// Waiting for what another process brings about and no descriptor tells. Where one does, poll it instead.

#include <poll.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "core/sys/clock.h"

namespace kindred::test {

inline constexpr Duration kLongEnough = std::chrono::seconds(10);

/// Looks again every few milliseconds; false once `within` is over.
inline bool wait_until(const std::function<bool()>& so, Duration within = kLongEnough) {
  constexpr int kLookAgain = 2;  // milliseconds
  const SystemClock clock;
  const Instant deadline = clock.now().steady + within;
  while (!so()) {
    if (clock.now().steady >= deadline) return false;
    (void)::poll(nullptr, 0, kLookAgain);
  }
  return true;
}

/// Waits until one of these happens on the descriptor.
inline bool wait_for_event(int fd, short events, Duration within = kLongEnough) {
  pollfd ready{fd, events, 0};
  return ::poll(&ready, 1, static_cast<int>(within / std::chrono::milliseconds(1))) == 1;
}

/// Sends the signal and waits until the process has heard it: what is sent next is another one.
inline bool deliver(pid_t pid, int signal) {
  if (::kill(pid, signal) != 0) return false;
  return wait_until([pid] {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    const std::string text(std::istreambuf_iterator<char>(status), {});
    return text.find("\nShdPnd:\t0000000000000000\n") != std::string::npos;
  });
}

}  // namespace kindred::test
