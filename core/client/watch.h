#pragma once
// Waiting for a supervisor to do something: wakes when a supervise directory changes.

#include <vector>

#include "core/base/time.h"
#include "core/client/service_directory.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// By inotify, without a descriptor for each service. Where inotify is not to be had (no instance left, a
/// file system of another host) wait() just sleeps, so callers bound it and look again: they must not rely on
/// being woken.
class Watch {
 public:
  Watch();

  /// From now on this service wakes: its record was replaced, its control bytes were read, its supervisor
  /// left. What a client itself does when it looks does not wake.
  void add(const ServiceDirectory& service, const SuperviseLayout& layout);

  /// Returns when something has changed since the last call, and at `deadline` at the latest. Changes that
  /// come together wake once.
  void wait(Instant deadline);

 private:
  struct Watched {
    int id;
    const SuperviseLayout* layout;
  };
  /// Reads what is queued; whether any of it matters.
  [[nodiscard]] bool changed();

  UniqueFd inotify_;
  std::vector<Watched> watched_;
};

}  // namespace kindred
