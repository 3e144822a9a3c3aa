#pragma once
// What a process is made of that supervises, and how it lives that scans a directory in the foreground.

#include <functional>
#include <initializer_list>
#include <span>

#include "core/base/result.h"
#include "core/engine/scan_directory.h"
#include "core/engine/supervisor.h"
#include "core/sys/clock.h"
#include "core/sys/event_loop.h"
#include "core/sys/signals.h"
#include "core/sys/spawner.h"

namespace kindred {

struct SupervisorProcess {
  SystemClock clock;
  Signals signals;
  SystemSpawner spawner;
  EventLoop loop{clock};
  Supervisor supervisor{loop, spawner};

  /// Of the signals that we were started with ignored or blocked.
  SignalInheritance inheritance{};

  /// One service needs few descriptors; for many the limit is raised, and services get back what it was.
  enum class Services : std::uint8_t { One, Many };

  /// Call before any other descriptor is opened: what is open now is what services inherit. SIGCHLD is taken
  /// in any case.
  [[nodiscard]] Status open(Services services, std::span<const int> always,
                            std::span<const int> unless_ignored);
  [[nodiscard]] Status open(Services services, std::initializer_list<int> always,
                            std::initializer_list<int> unless_ignored) {
    return open(services, std::span(always.begin(), always.size()),
                std::span(unless_ignored.begin(), unless_ignored.size()));
  }
};

/// What a program that scans does besides.
struct ScanLife {
  std::function<void()> look_again;  ///< HUP: after the directory was looked at
  std::function<void()>
      ending;  ///< once, when a signal or a client says so; at a signal before anything ends
  std::function<bool()> is_over = [] { return false; };  ///< what is left by then is waited for no more
};

/// Until everything has ended. TERM and INT end it, HUP looks at the directory at once.
void scan_until_ended(Supervisor& supervisor, ScanDirectory& scan, const ScanLife& life);

}  // namespace kindred
