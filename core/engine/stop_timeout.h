#pragma once
// The second half of a shutdown that may take only so long.

#include "core/engine/scan_directory.h"
#include "core/sys/event_loop.h"

namespace kindred {

/// Container engines give process 1 ten seconds by default; with all that follows the timeout this is less.
inline constexpr Duration kStopTimeoutOfProcess1 = std::chrono::seconds(7);

/// What does not end in time is killed, again and again, since it may have further scripts to run. Logs have a
/// moment to read what is left for them, and are killed then: somebody else may hold their pipe open. What
/// survives all that is left, within two seconds after the timeout.
class StopTimeout final : public Timer {
 public:
  /// Sets aside what arm() needs. `scanner`: who says what is done, on standard error.
  StopTimeout(EventLoop& loop, ScanDirectory& scan, const char* scanner);
  ~StopTimeout() override;
  StopTimeout(const StopTimeout&) = delete;
  StopTimeout& operator=(const StopTimeout&) = delete;

  void arm(Duration limit) noexcept;
  void on_timer() noexcept override;
  /// There is something that cannot be ended.
  [[nodiscard]] bool over() const { return over_; }

 private:
  void warn(const char* text) const noexcept;

  EventLoop& loop_;
  ScanDirectory& scan_;
  const char* scanner_;
  int rounds_ = 0;
  bool over_ = false;
};

}  // namespace kindred
