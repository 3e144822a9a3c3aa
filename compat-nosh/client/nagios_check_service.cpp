// nagios-check-service: services for a monitor, which reads standard output alone.
// Source: interfaces/nosh-system.md section 10.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/client/age.h"
#include "core/sys/clock.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {'s', "min-seconds", "how long a service has to have been up; 2 without this", true},
    {0, "critical-if-below-min", "what has not been up for so long is critical, not a warning"},
};
constexpr long kMinSeconds = 2;

/// In the order in which the worst one counts.
enum class Severity : std::uint8_t { Ok, Unknown, Warning, Critical };

/// What a monitor's plug-in exits with.
constexpr int exit_code_of(Severity severity) {
  constexpr int kCodes[] = {0, 3, 1, 2};
  return kCodes[static_cast<std::size_t>(severity)];
}

/// What a service can be told as, in the order in which it is.
enum class Finding : std::uint8_t {
  NotLoaded,
  ClockSkewed,
  Stopped,
  Started,
  Failed,
  Loading,
  BelowMinimum,
  Disabled,
  Fine
};
struct List {
  std::string_view label;
  Severity severity;
};
constexpr List kLists[] = {
    {"not loaded", Severity::Critical},
    {"clock skewed", Severity::Critical},
    {"stopped", Severity::Critical},
    {"started", Severity::Warning},
    {"failed/restarting", Severity::Critical},
    {"still loading", Severity::Warning},
    {"below minimum runtime", Severity::Warning},
    {"disabled", Severity::Ok},
};
constexpr std::size_t kFindings = std::size(kLists);

Finding by_age(const StatusFields& status, WallTime now, std::uint64_t min_seconds) {
  return age_in_seconds(status.since, now) < min_seconds ? Finding::BelowMinimum : Finding::Fine;
}

Finding find(const std::optional<StatusFields>& status, const Flags& flags, WallTime now,
             std::uint64_t min_seconds) {
  constexpr std::uint8_t kStopped = 0, kStarting = 1, kRunning = 3, kStopping = 4;
  if (!status) return Finding::Loading;
  if (status->since.seconds > now.seconds) return Finding::ClockSkewed;
  const Finding down = flags.down ? Finding::Disabled : Finding::Stopped;
  if (!status->activity) return status->pid == 0 ? down : by_age(*status, now, min_seconds);
  switch (*status->activity) {
    case kStopped:
      return flags.ready_after_run && status->end_of(Script::Run).code != 0 ? Finding::Fine : down;
    case kRunning:
      if (flags.ready_after_run) return status->pid != 0 ? Finding::Started : Finding::Fine;
      return by_age(*status, now, min_seconds);
    case kStarting:
    case kStopping:
      return by_age(*status, now, min_seconds);
    case 2:
      return Finding::Started;
    default:
      return Finding::Failed;
  }
}

class Check {
 public:
  Check(std::uint64_t min_seconds, Severity below_minimum)
      : min_seconds_(min_seconds), below_minimum_(below_minimum) {}

  void look_at(const char* path) {
    const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path);
    if (!bundle) return trouble(path, bundle.error());
    const Result<bool> supervised = bundle->supervised();
    if (!supervised) return trouble(std::string(path) + "/supervise/ok", supervised.error());
    if (!*supervised) return list(Finding::NotLoaded, path);
    const Result<std::optional<StatusFields>> status = bundle->status();
    if (!status) return trouble(std::string(path) + "/supervise/status", status.error());
    list(find(*status, bundle->flags(), SystemClock().now().wall, min_seconds_), path);
  }

  /// The monitor's exit code.
  int tell() {
    for (std::size_t i = 0; i < kFindings; ++i)
      if (!paths_[i].empty()) out_.add(kLists[i].label).add(":").add(paths_[i]).add("\n");
    if (worst_ == Severity::Ok && !listed_) out_.add("OK\n");
    return out_.flush() ? exit_code_of(worst_) : exit_code_of(Severity::Unknown);
  }

 private:
  void trouble(const std::string& what, const Error& error) {
    out_.add("ERROR: ").add(what).add(": ").add(reason(error)).add("\n");
    worst_ = std::max(worst_, Severity::Critical);
  }
  void list(Finding finding, const char* path) {
    if (finding == Finding::Fine) return;
    const auto place = static_cast<std::size_t>(finding);
    paths_[place].append(" ").append(path);
    listed_ = true;
    worst_ = std::max(worst_, finding == Finding::BelowMinimum ? below_minimum_ : kLists[place].severity);
  }

  std::uint64_t min_seconds_;
  Severity below_minimum_;
  std::array<std::string, kFindings> paths_;
  bool listed_ = false;
  Severity worst_ = Severity::Ok;
  Output out_;
};

}  // namespace

int nagios_check_service_main(int argc, char** argv) {
  dup2(STDOUT_FILENO, STDERR_FILENO);
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY...");
  constexpr int kUsage = exit_code_of(Severity::Unknown);
  if (arguments.exit) return *arguments.exit == 0 ? 0 : kUsage;
  long min_seconds = kMinSeconds;
  for (const Arguments::Given& given : arguments.options) {
    if (given.value == nullptr) continue;
    const std::optional<long> number = parse_number(given.value);
    if (!number || *number < 0) return fail(base_name(argv[0]), {given.value, ": not a number"}, kUsage);
    min_seconds = *number;
  }
  Check check(static_cast<std::uint64_t>(min_seconds),
              arguments.has("critical-if-below-min") ? Severity::Critical : Severity::Warning);
  for (const char* path : arguments.operands) check.look_at(path);
  return check.tell();
}

}  // namespace kindred::nosh
