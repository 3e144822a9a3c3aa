#include "compat-freedt/dialect.h"

#include <csignal>

#include "compat-freedt/control.h"
#include "compat-freedt/convention.h"
#include "core/dialect/supervise_record.h"

namespace kindred::freedt {
namespace {

// Section 6.2: what kindred leaves here is daemontools' to the byte, so that its clients can read it. Other
// families' clients take it for that, too; only this family's have a use for the difference.
int recognise(const Evidence& e) {
  if (e.status_size != static_cast<std::int64_t>(kSuperviseRecordSize) || !e.has_control || !e.has_ok)
    return 0;
  return e.has_lock && !e.has_pid && !e.has_stat && !e.has_death_tally ? 90 : 0;
}

// 3.4: of the plain shapes only this family's has the bit, for its log.
int shape(const DirectoryShape& s) {
  return s.run && s.log_dir && s.sticky && !s.finish && !s.rc_main && !s.service_dir ? 20 : 0;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "freedt",
      .convention = kConvention,
      .layout = {},
      .status = {.files = {{.name = "status", .only_with_pid = false, .encode = encode_supervise_record}},
                 .record = "status",
                 .decode = decode_supervise_record},
      .control = kControlCodec,
      .scan = {.scanner = "svscan",
               .warning = "svscan: warning: unable to {what}: {why}",
               .pairing = LogPairing::SeparateServices},
      .wording = {.fatal = "supervise: fatal: unable to {operation} {path}: {why}",
                  .warning = "supervise: warning: unable to {operation} {path}: {why}",
                  .locked = "supervise: fatal: unable to acquire {path}: {why}",
                  .start_failed = "supervise: fatal: unable to start {name}/{script}: "},
      // 3.2: TERM ends supervise and leaves the child alone.
      .signals = {{.signal = SIGTERM, .commands = {{.verb = Verb::Quit}}}},
      .recognise = recognise,
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::freedt
