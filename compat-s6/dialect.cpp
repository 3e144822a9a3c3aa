#include "compat-s6/dialect.h"

#include "compat-s6/control.h"
#include "compat-s6/convention.h"
#include "compat-s6/status.h"

namespace kindred::s6 {
namespace {

bool is_status_size(std::int64_t size) {
  return size == static_cast<std::int64_t>(kStatusSize) ||
         size == static_cast<std::int64_t>(kStatusSizeWithGroup);
}

// No other family has records of these sizes, a death tally, or no `ok`.
int recognise(const Evidence& e) {
  if (!e.has_lock || !e.has_control || e.has_ok) return 0;
  if (is_status_size(e.status_size)) return e.has_death_tally ? 95 : 85;
  // A supervisor that has not written its first record yet.
  return e.status_size < 0 && e.has_death_tally ? 70 : 0;
}

int shape(const DirectoryShape& s) {
  if (!s.run) return 0;
  if (s.notification_fd || s.timeout_kill || s.event_dir || s.type_file) return 70;
  return s.data_dir ? 30 : 0;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "s6",
      .convention = kConvention,
      // Section 3.2: lock and FIFO are made with the umask out of force, the record with it.
      .layout = {.lock_mode = 0644, .lock_kind = LockKind::OfdRecord, .ok = nullptr, .status_mode = 0666},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "s6-svscan",
               .warning = "s6-svscan: warning: unable to {what}: {why}",
               .pairing = LogPairing::SeparateServices,
               .restart_after = std::chrono::seconds(1)},
      .wording = {.fatal = "s6-supervise {name}: fatal: unable to {what}: {why}",
                  .warning = "s6-supervise {name}: warning: unable to {what}: {why}",
                  .locked = "s6-supervise {name}: fatal: another instance of s6-supervise is already running",
                  .start_failed = "s6-supervise {name}: warning: unable to spawn {file}: "},
      .recognise = recognise,
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::s6
