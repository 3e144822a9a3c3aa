#pragma once
// kindred status, in three parts: look at the directories (gather_status), then say what was seen, to people
// (render_table) or to machines (render_json). The renderers are pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/client/survey.h"
#include "core/dialect/dialect.h"

namespace kindred {

/// What was seen of one process, main or log.
struct ServiceState {
  Supervision supervision = Supervision::Unknown;
  std::string family;                  ///< that wrote the record; empty: not known
  std::optional<StatusRecord> record;  ///< nullopt: there is none, or it could not be read
  bool phase_known = true;   ///< false where the record holds a state that its family does not define
  bool tells_ready = false;  ///< the family's record has a place for readiness
  std::optional<bool> normally_up;
  std::optional<bool> pid_alive;  ///< Stale, and the record has a pid: whether a process has that number
};

struct ServiceRow {
  std::string name;  ///< the last component of `path`
  std::string path;  ///< as the user would write it
  ServiceState main;
  std::optional<ServiceState> log;  ///< nullopt: the service has none
};

struct StatusError {
  std::string path;
  std::string operation;  ///< "open", "read" …
  std::string message;    ///< the reason
};

struct StatusReport {
  std::vector<ServiceRow> services;
  std::vector<StatusError> errors;
};

/// Each of `directories` is a service directory, or a scan directory: one without `run` and `supervise`,
/// whose sub-directories are services unless their names begin with a dot. Services come in the order of the
/// arguments, those of one scan directory in the order of their names.
///
/// What lies below belongs to the services' owners: nothing there is waited for, little of it is read, and
/// what makes no sense becomes an error of the report.
[[nodiscard]] StatusReport gather_status(std::span<const std::string> directories,
                                         std::span<const Dialect* const> families);

/// "unknown", "unsupervised", "stale", else the word for the phase.
[[nodiscard]] std::string_view state_word(const ServiceState& state);

/// "down", "waiting", "starting", "started", "run", "finish", "stopping", "failed"; "unknown" if
/// !phase_known. Needs a record.
[[nodiscard]] std::string_view phase_word(const ServiceState& state);

/// Since when the record's state lasts. nullopt: no record, or a stamp outside the years 1970 to 9999, which
/// no supervisor writes.
[[nodiscard]] std::optional<WallTime> state_since(const ServiceState& state);

struct TableStyle {
  bool color = false;
  bool log_rows = false;  ///< each log has a row of its own besides
};

/// One line a service under a line of headings, columns as wide as what stands in them. Names are shown
/// whole, but for bytes that could steer a terminal.
[[nodiscard]] std::string render_table(std::span<const ServiceRow> services, WallTime now,
                                       const TableStyle& style);

/// The schema is kindred(1)'s.
[[nodiscard]] std::string render_json(const StatusReport& report, WallTime now);

}  // namespace kindred
