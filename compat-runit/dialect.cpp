#include "compat-runit/dialect.h"

#include "compat-runit/control.h"
#include "compat-runit/convention.h"
#include "compat-runit/status.h"

namespace kindred::runit {
namespace {

// 20 bytes are runit's and encore's; the text files are runit's alone.
int recognise(const Evidence& e) {
  if (e.status_size < static_cast<std::int64_t>(kStatusSize) || e.has_death_tally) return 0;
  if (e.has_pid && e.has_stat) return 95;
  return e.status_size == static_cast<std::int64_t>(kStatusSize) && e.has_ok ? 40 : 0;
}

int shape(const DirectoryShape& s) {
  if (!s.has("run")) return 0;
  return s.has_any({"finish", "check", "control/", "conf", "supervise@"}) ? 50 : 0;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "runit",
      .by_hand = "sv start|stop|restart {path}",
      .convention = kConvention,
      .layout = {.service_script = "check"},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "runsvdir",
               .supervisor = "runsv",
               .usual = {"/etc/service", "/service", "/var/service", "/etc/runit/runsvdir/current"},
               .definitions = "/etc/sv",
               .enabled_by = EnabledBy::Link,
               .warning = "runsvdir {dir}: warning: unable to {what}: {why}",
               .absent = "stat",
               .not_entered = "change directory to",
               .pairing = LogPairing::OneGroup,
               .removed_is_stopped = true},
      .wording = {.fatal = "runsv {name}: fatal: unable to {what}: {why}",
                  .warning = "runsv {name}: warning: unable to {what}: {why}",
                  .locked = "runsv {name}: fatal: unable to {what}: {why}",
                  .start_failed = "runsv {name}: fatal: unable to start {file}: ",
                  // The original does not say which.
                  .custom_failed = "runsv {name}: fatal: unable to run control/?: ",
                  .not_entered = "runsv {name}: fatal: unable to change to directory: {why}",
                  .not_a_fifo = "runsv {name}: fatal: {object} exists but is not a fifo",
                  .plain_log = "runsv {name}: warning: ./log: not a directory."},
      // 5.1.
      .inheritance = {.at_default = {SIGCHLD, SIGTERM}, .unblocked = {SIGCHLD, SIGTERM}},
      .recognise = recognise,
      .scripts = {"run", "finish"},
      .marks = {"check", "control/", "conf", "supervise@"},
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::runit
