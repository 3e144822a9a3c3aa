#pragma once
// A bundle from outside: the directory, its service directory, and whoever supervises it.
// Source: interfaces/nosh.md sections 3, 10, 11.

#include <optional>

#include "compat-nosh/status.h"
#include "core/client/service_directory.h"
#include "core/client/translate.h"

namespace kindred::nosh {

/// What may lie in a service directory and counts by being there.
struct Flags {
  bool down = false, remain = false, ready_after_run = false, use_hangup = false, no_kill_signal = false;
};

class Bundle {
 public:
  /// The errors of ServiceDirectory::open().
  static Result<Bundle> open(int at, const char* path);

  [[nodiscard]] int fd() const { return directory_.fd(); }
  /// The service directory: BUNDLE/service, or the bundle itself.
  [[nodiscard]] int service_fd() const { return service_ ? service_->fd() : directory_.fd(); }
  [[nodiscard]] Flags flags() const;
  /// Whether there is a directory `supervise`; otherwise the bundle is its own supervise directory.
  [[nodiscard]] bool has_supervise_directory() const { return has_supervise_; }

  /// Whether somebody supervises, of whatever family. Errors: object "supervise/ok", whatever the place is.
  [[nodiscard]] Result<bool> supervised() const;
  [[nodiscard]] const Dialect& supervisor() const;

  /// What the record tells, in this family's fields; nullopt while it is shorter than any record. Another
  /// family's record is told as this one would tell it. Errors: object "status".
  [[nodiscard]] Result<std::optional<StatusFields>> status() const;

  /// Errors: object "control".
  [[nodiscard]] Result<ControlChannel> control() const;

 private:
  Bundle(ServiceDirectory directory, std::optional<ServiceDirectory> service, bool has_supervise,
         bool behind_door)
      : directory_(std::move(directory)),
        service_(std::move(service)),
        has_supervise_(has_supervise),
        behind_door_(behind_door) {}
  [[nodiscard]] KnownFamilies families() const;
  [[nodiscard]] const SuperviseLayout& layout() const;

  ServiceDirectory directory_;
  std::optional<ServiceDirectory> service_;
  bool has_supervise_;
  bool behind_door_;  ///< another family's supervisor answers for it beside it, and keeps nothing in it
};

/// Whether the service counts as ready: interfaces/nosh.md section 6.
[[nodiscard]] bool is_ready(const std::optional<StatusFields>& status, const Flags& flags);
/// Whether it is at rest.
[[nodiscard]] bool is_stopped(const StatusFields& status);

}  // namespace kindred::nosh
