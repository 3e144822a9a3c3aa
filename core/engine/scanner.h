#pragma once
// Scanner and core. The scanner is the process that the user's init started: found by others by its name,
// arguments and working directory, ended by its family's signals, and the core's keeper (core/keeper/keeper.h).
// The core, another process, scans and supervises. A scanner that ends leaves the core and its services alone; one that
// starts takes the living core on.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/dialect/dialect.h"

namespace kindred {

/// What a scanner can be asked for.
class ScannerDoor {
 public:
  virtual void rescan() noexcept = 0;
  /// Ends the services whose names have gone.
  virtual void end_removed(EndLogs logs) noexcept = 0;
  /// Ends all services; when they have ended run_scanner() returns.
  virtual void end_all(EndLogs logs) noexcept = 0;
  /// Likewise, logs last; what does not end in time is killed, as StopTimeout has it. For process 1, after which the
  /// kernel kills everything.
  virtual void end_all_in_time() noexcept = 0;
  /// run_scanner() returns; services stay.
  virtual void leave() noexcept = 0;

 protected:
  ~ScannerDoor() = default;
};

struct ScannerOptions {
  const Dialect* home = nullptr;
  std::span<const Dialect* const> families{};  ///< for which a directory may be written
  std::string directory;                       ///< as the user gave it, relative to the working directory
  bool own_session = false;  ///< the core leads a session, and services are in sessions of their own
  int core_errors = 2;       ///< what becomes standard error of the core, and thus of services
  /// Where requests to scan at once, and to end all services, come from; 0: the family has no such signal.
  int rescan_signal = 0;
  int end_signal = 0;
  int leave_signal = 0;  ///< the scanner leaves with 0; services stay
  // In process 1, TERM and HUP end all services and then the scanner, unless they are among `signals`; what
  // does not end in time is killed, as StopTimeout has it.
  /// A name in the directory: what all services and the core say goes to the service there. Empty: none.
  std::string log_service{};
  std::size_t most = SIZE_MAX;  ///< services
  /// A name in the directory: the service there hears by ways of its own what the others say, us included. It
  /// has no log, and ends after all others.
  std::string last_log{};
  int console = -1;  ///< its standard error, and ours from when services are to end; -1: as everybody's
  const char* rescan_record =
      nullptr;  ///< file in the directory into which the time of such a request is written
  /// A descriptor to be read in the scanner while it waits, and who reads it.
  int watched = -1;
  std::function<void()> on_watched;
  std::function<void()> on_quarter_hour;  ///< called every fifteen minutes, and once at the start
  /// Signals with a meaning of the family's own, and what they mean.
  std::vector<int> signals{};
  std::function<void(int signal, ScannerDoor&)> on_signal{};
  bool stay_ignored = false;  ///< in services, signals that are taken here and were ignored
  /// A descriptor from which the family's own commands come, and who reads it.
  int control = -1;
  std::function<void(ScannerDoor&)> on_control{};
  Duration rescan_every{0};          ///< 0: when asked only
  std::function<void()> on_begun{};  ///< called once when signals and commands are being taken
};

/// Finds or starts the core, and stays until a signal or a command says otherwise. Returns the exit code: 111
/// after end_signal, else 0. `fail` is called with what could not be begun, and what it returns is
/// the exit code.
[[nodiscard]] int run_scanner(const ScannerOptions& options, const std::function<int(const Error&)>& fail);

}  // namespace kindred
