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
      .scan = {.scanner = "svscan", .pairing = LogPairing::SeparateServices},
      .wording = {.fatal = "supervise: fatal: unable to {what}: {why}",
                  .warning = "supervise: warning: unable to {what}: {why}",
                  .start_failed = "supervise: fatal: unable to start {name}/{file}: ",
                  .locked = "supervise: fatal: unable to acquire {lock}: {why}"},
      .recognise = recognise,
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::daemontools
