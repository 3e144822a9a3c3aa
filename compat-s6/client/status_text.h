#pragma once
/// s6-svstat's words for one status record:
///
///   up (pid N) S seconds | down (exitcode N | signal NAME | end unknown) S seconds
///   down (not started yet) in place of that, where the record says so; then without the last part
///   , normally down|up     where that is not what is
///   , paused               only when up
///   , want down|up         where that is not what is
///   , ready S seconds      where it is; down: its finish is over
///
/// and its fields, one by one. Source: interfaces/s6.md section 10.3.

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/service/status_record.h"

namespace kindred::s6 {

/// What a look at a service told.
struct ServiceStatus {
  StatusRecord record;
  bool normally_up = true;
  WallTime now;

  [[nodiscard]] bool up() const;
  /// Up: it said so; down: ready to be started again.
  [[nodiscard]] bool ready() const;
};

/// `numbers`: signals as numbers.
[[nodiscard]] std::string status_text(const ServiceStatus& status, bool numbers);

enum class Field : std::uint8_t {
  Up,
  WantedUp,
  NormallyUp,
  Ready,
  Paused,
  Pid,
  ProcessGroup,
  ExitCode,
  Signal,
  SignalNumber,
  UpDownSince,
  ReadySince,
  UpDownFor,
  ReadyFor,
};

/// By the beginning of its name; of several the first.
[[nodiscard]] std::optional<Field> parse_field(std::string_view name);

[[nodiscard]] std::string field_text(const ServiceStatus& status, Field field);

}  // namespace kindred::s6
