#pragma once
// A supervise directory, kept: lock, FIFOs and status files as a dialect lays them out. The only code that
// touches one for a supervisor.

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/shared_inode.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class SuperviseDirView {
 public:
  /// `subdirectory` is where the supervise directory lies in the service directory: null, or "log".
  SuperviseDirView(const Dialect& dialect, Role role, const char* subdirectory)
      : dialect_(&dialect), subdirectory_(subdirectory), role_(role) {}

  [[nodiscard]] Role role() const { return role_; }
  /// The control FIFO, for reading.
  [[nodiscard]] int control_fd() const { return control_.get(); }

  /// Makes the directory and takes its lock. Errors: EAGAIN where another supervisor holds it; the error's
  /// object is the path in the service directory.
  [[nodiscard]] Status claim(int service, SharedInodes& inodes);
  /// What a supervisor before us wrote last. Call between claim() and publish().
  [[nodiscard]] std::optional<DecodedStatus> left_behind(int service) const;
  /// Opens the control FIFO.
  [[nodiscard]] Status open_control(int service);
  /// Gives `ok` its reader, once: from here on clients take the service for supervised. Call after the first
  /// publish().
  [[nodiscard]] Status announce(int service, SharedInodes& inodes);
  [[nodiscard]] bool announced() const { return announced_; }
  /// Brings the status files up to date; files that would not change are left alone. Errors: errno of the
  /// file that could not be written, whose name is then in `failed`; 0 for none.
  [[nodiscard]] int publish(int service, const GroupSnapshot& snapshot, const char*& failed) noexcept;
  /// Reads control bytes that have come, at most `limit` of them. 0 for none.
  [[nodiscard]] std::size_t read_control(ByteSpan out) noexcept;
  [[nodiscard]] ControlMode& control_mode() { return mode_; }
  /// Lets go of everything; the files stay.
  void close(int service, SharedInodes& inodes) noexcept;

  /// "supervise/NAME", below `subdirectory` if there is one.
  [[nodiscard]] std::string path(const char* name) const;

 private:
  void path_to(char* out, std::size_t size, const char* name, const char* suffix) const noexcept;

  const Dialect* dialect_;
  const char* subdirectory_;
  UniqueFd control_;
  HeldFile lock_, ok_;
  std::uint64_t published_ = 0;  ///< fingerprint of what is on disk; 0: nothing
  std::int32_t published_pid_ = -1;
  Role role_;
  ControlMode mode_ = 0;
  bool claimed_ = false, announced_ = false;
};

}  // namespace kindred
