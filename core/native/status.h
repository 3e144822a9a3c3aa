#pragma once
// kindred status, in three parts: look at the directories (gather_status), then say what was seen, to people
// (render_table) or to machines (render_json). The renderers are pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/client/survey.h"
#include "core/dialect/dialect.h"
#include "core/native/host_processes.h"

namespace kindred {

/// The deaths of run that its supervisor has kept a record of.
struct Deaths {
  std::size_t count = 0;
  WallTime oldest;
  std::size_t lately = 0;  ///< within kLately before the look
  friend bool operator==(const Deaths&, const Deaths&) = default;
};
inline constexpr std::int64_t kLately = 60;  ///< seconds
/// So many deaths lately are flapping.
inline constexpr std::size_t kFlapping = 3;

/// What was seen of one process, main or log.
struct ServiceState {
  Supervision supervision = Supervision::Unknown;
  std::string family;                  ///< that wrote the record; empty: not known
  std::optional<StatusRecord> record;  ///< nullopt: there is none, or it could not be read
  bool phase_known = true;    ///< false where the record holds a state that its family does not define
  bool tells_ready = false;   ///< the family's record has a place for readiness
  bool awaits_ready = false;  ///< the service says when it is ready
  std::optional<bool> normally_up;
  std::optional<bool> pid_alive;  ///< Stale, and the record has a pid: whether a process has that number
  std::optional<Deaths> deaths;   ///< nullopt: nobody counts them
  std::optional<ProcessUsage>
      usage;  ///< of its process and all below it; nullopt: not asked for, or not to be had
};

struct ServiceRow {
  std::string name;  ///< the last component of `path`
  std::string path;  ///< as the user would write it
  ServiceState main;
  std::optional<ServiceState> log;  ///< nullopt: the service has none
  std::string written_for = {};  ///< the family whose files are in the directory; empty: it could be several'
  std::string by_hand = {};      ///< how the supervisor's own programs control it
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

/// Adds what processes use, and deaths: what costs more than a look.
void add_details(StatusReport& report, std::span<const Dialect* const> families,
                 const HostProcesses& processes, WallTime now);

/// "unknown", "unsupervised", "stale", else the word for the phase.
[[nodiscard]] std::string_view state_word(const ServiceState& state);

/// "run", "down, want up", "stale: run, pid gone": all that a line has of it.
[[nodiscard]] std::string state_text(const ServiceState& state);

/// "down", "waiting", "starting", "started", "run", "finish", "stopping", "failed"; "unknown" if
/// !phase_known. Needs a record.
[[nodiscard]] std::string_view phase_word(const ServiceState& state);

/// Since when the record's state lasts. nullopt: no record, or a stamp outside the years 1970 to 9999, which
/// no supervisor writes.
[[nodiscard]] std::optional<WallTime> state_since(const ServiceState& state);

[[nodiscard]] bool is_flapping(const ServiceState& state);

/// How a service is, to whoever watches over many.
enum class Health : std::uint8_t { Good, Passing, Bad, Unknown };
/// Good: as it should be. Passing: on its way, paused, not ready, or up though it is normally down. Bad: not up though it is
/// wanted or normally is, failed, flapping, or without the supervisor that it had.
[[nodiscard]] Health health_of(const ServiceState& state);

/// A word of --state: a state's, or up, problem, flapping.
[[nodiscard]] bool is_state_word(std::string_view word);
[[nodiscard]] bool is_in_state(const ServiceState& state, std::string_view word);

/// Leaves the services whose name has `part` in it, in one of these states; empty: any.
void select(StatusReport& report, std::string_view part, std::span<const std::string> states);

/// "3d 4h", "12s": the two largest units.
[[nodiscard]] std::string age_text(std::uint64_t seconds);
/// "12.3M": at most four digits and a unit.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// Leaves the services of these directories, and of others those that have one of these names (fnmatch(3)), each directory
/// once.
void select_named(StatusReport& report, std::span<const std::string> directories,
                  std::span<const std::string> names);

struct TableStyle {
  bool color = false;
  bool log_rows = false;                ///< each log has a row of its own besides
  bool wide = false;                    ///< what processes use, deaths and the last exit besides
  std::size_t columns = 0;              ///< names are cut so that a line fits; 0: they are not
  const HostProcesses* tree = nullptr;  ///< each service's processes are shown below it
};

/// One line a service under a line of headings, columns as wide as what stands in them. Names are shown
/// whole, but for bytes that could steer a terminal.
[[nodiscard]] std::string render_table(std::span<const ServiceRow> services, WallTime now,
                                       const TableStyle& style);

struct LongStyle {
  bool color = false;
  const HostProcesses* processes = nullptr;
  std::function<std::vector<std::string>(const ServiceRow&)> log_tail;  ///< the last lines of its log
};
/// A paragraph for each service.
[[nodiscard]] std::string render_long(std::span<const ServiceRow> services, WallTime now,
                                      const LongStyle& style);

struct CheckResult {
  int code = 0;  ///< 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
  std::string text;
};
/// As a monitoring plug-in says it: one line, with performance data after a bar.
[[nodiscard]] CheckResult render_check(const StatusReport& report);

/// The schema is doc/status.schema.json's.
[[nodiscard]] std::string render_json(const StatusReport& report, WallTime now);

/// One line: what has happened to a service, or its log, with all that is known of it, as above.
[[nodiscard]] std::string render_notice(const ServiceRow& service, Role role, std::string_view event,
                                        WallTime now);

}  // namespace kindred
