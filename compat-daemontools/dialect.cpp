#include "compat-daemontools/dialect.h"

#include "compat-daemontools/control.h"
#include "compat-daemontools/convention.h"
#include "compat-daemontools/status.h"

namespace kindred::daemontools {
namespace {

int recognise(const Evidence& e) {
  if (e.status_size != static_cast<std::int64_t>(kStatusSize) || !e.has_control || !e.has_ok) return 0;
  // A lock, and nothing that a relative puts beside it.
  return e.has_lock && !e.has_pid && !e.has_stat && !e.has_death_tally ? 90 : 0;
}

// Any directory with a run script is a daemontools service; what the relatives added speaks for them.
int shape(const DirectoryShape& s) { return s.run ? 10 : 1; }

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "daemontools",
      .convention = kConvention,
      .layout = {},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "svscan",
               .warning = "svscan: warning: unable to {what}: {why}",
               .pairing = LogPairing::SeparateServices},
      .wording = {.fatal = "supervise: fatal: unable to {operation} {path}: {why}",
                  .warning = "supervise: warning: unable to {operation} {path}: {why}",
                  .locked = "supervise: fatal: unable to acquire {path}: {why}",
                  .start_failed = "supervise: fatal: unable to start {name}/{script}: "},
      .recognise = recognise,
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::daemontools
