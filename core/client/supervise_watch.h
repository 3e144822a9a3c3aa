#pragma once
// Waiting for a supervisor to do something: wakes when a supervise directory changes.

#include <vector>

#include "core/base/time.h"
#include "core/client/service_directory.h"
#include "core/sys/clock.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// By inotify, without a descriptor for each service. Where inotify is not to be had (no instance left, a
/// file system of another host) wait() just sleeps, so callers bound it and look again: they must not rely on
/// being woken.
class SuperviseWatch {
 public:
  /// By the system's time.
  SuperviseWatch();
  /// Deadlines are on this clock, which lives longer.
  explicit SuperviseWatch(const Clock& clock);

  /// From now on this service wakes: its record was replaced, its control bytes were read, its supervisor
  /// left. What a client itself does when it looks does not wake.
  void add(const ServiceDirectory& service, const SuperviseLayout& layout);

  /// Returns when something has changed since the last call, and at `deadline` at the latest. Changes that
  /// come together wake once.
  void wait(Instant deadline);

  /// For who waits for other things too: readable when there may be something to take(); -1 where inotify is
  /// not to be had.
  [[nodiscard]] int fd() const { return inotify_.get(); }
  /// Whether something has changed since the last call.
  [[nodiscard]] bool take();

 private:
  struct Watched {
    int id;
    const SuperviseLayout* layout;
  };
  const Clock& clock_;
  UniqueFd inotify_;
  std::vector<Watched> watched_;
};

}  // namespace kindred
