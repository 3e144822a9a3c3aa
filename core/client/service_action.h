#pragma once
// What one does with a service by name: which commands say it to whatever supervises, and when it is done. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/client/translate.h"
#include "core/dialect/dialect.h"
#include "core/service/back_off.h"

namespace kindred {

enum class ServiceAct : std::uint8_t { Start, Stop, Restart, Once, Reload, Signal, Pause, Continue };

struct ServiceOrder {
  ServiceAct act = ServiceAct::Start;
  std::uint8_t signal = 0;  ///< for Signal
  Role role = Role::Main;   ///< Log: the log that the same record tells of
  bool awaits_ready =
      false;  ///< up is not enough: the service says when it is ready, and the record tells it
  std::optional<BackOff> back_off = {};  ///< that the service has a file of
  Duration pause = {};                   ///< the family's own, before what has ended is started again
};

/// The control bytes that say it to a family whose service has this record now; nullopt where the family cannot.
[[nodiscard]] std::optional<std::string> control_bytes(const ServiceOrder& order, const StatusRecord& now,
                                                       const Dialect& supervisor);

enum class Progress : std::uint8_t { Pending, Done, Failed };

/// What is seen at one look after the order was given.
struct ActSight {
  bool supervised = true;
  bool taken = false;  ///< the supervisor has read the control bytes
  std::optional<StatusRecord> record;
  WallTime now;
};

/// Watches one order being carried out.
class ActWatch {
 public:
  /// `before`: the record before the bytes were sent.
  ActWatch(const ServiceOrder& order, const StatusRecord& before)
      : order_(order), before_(before), last_(before) {}

  [[nodiscard]] Progress look(const ActSight& sight);

  /// So long at the most nothing may tell that something has changed: a process must have lived for a moment to count.
  [[nodiscard]] bool settling() const { return settling_; }

  /// Why it is not so, in words: "it was started 3 times, and run exited with 1".
  [[nodiscard]] std::string why_not() const;

  [[nodiscard]] const StatusRecord& last() const { return last_; }

 private:
  [[nodiscard]] Progress up(const StatusRecord& record, const ActSight& sight);
  /// Whether it waits for its next start longer than the family lets it, as its back-off says.
  [[nodiscard]] bool backs_off(const StatusRecord& record, WallTime now) const;
  [[nodiscard]] Progress judge(const StatusRecord& record, const ActSight& sight);
  [[nodiscard]] Progress fail(std::string why);

  ServiceOrder order_;
  StatusRecord before_, last_;
  unsigned starts_ = 0;  ///< new pids of run that were seen
  bool taken_before_ = false;
  bool settling_ = false;
  std::string failure_;
};

/// How long a process must have lived to be up: one that fails at once is started again and again.
inline constexpr Duration kProvesItself = std::chrono::milliseconds(200);
/// So many starts are enough to say that it does not work.
inline constexpr unsigned kEnoughStarts = 4;

}  // namespace kindred
