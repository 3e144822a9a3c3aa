#include "compat-perp/dialect.h"

#include "compat-perp/control.h"
#include "compat-perp/control_directory.h"
#include "compat-perp/convention.h"
#include "compat-perp/packet.h"

namespace kindred::perp {
namespace {

// Section 2: nothing is written into a service directory, so there is nothing to recognise there.
int recognise(const Evidence&) { return 0; }

// A run without rc.main is another family's: perpd would find nothing to execute.
int shape(const DirectoryShape& s) { return s.has("rc.main") ? 90 : s.has("run") ? -1 : 0; }

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "perp",
      .by_hand = "perpctl u|d|t {name}",
      .convention = kConvention,
      .layout = {.directory = nullptr,
                 .lock = nullptr,
                 .control = nullptr,
                 .ok = nullptr,
                 .door = &kDoor,
                 .service_files = {"flag.down"}},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "perpd",
               .usual = {"/etc/perp"},
               .enabled_by = EnabledBy::StickyBit,
               .warning = "warning: perpd: unable to {what}: {why}",
               .pairing = LogPairing::OneGroup,
               .only_sticky = true,
               .on_request = true,
               .removed_is_stopped = true,
               .shutdown_tells_again = true,
               .name_follows = true},
      .wording = {.fatal = "error: perpd: unable to {what} for {name}: {why}",
                  .warning = "warning: perpd: unable to {what} for {name}: {why}",
                  .locked = "error: perpd: unable to {what} for {name}: {why}",
                  .start_failed = "error: perpd: fatal: (in child for service {name}):  failure execve(): "},
      .inheritance = {.at_default = {SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGPIPE}, .nothing_blocked = true},
      .open_door = open_door,
      .recognise = recognise,
      .scripts = {"rc.main"},
      .marks = {"rc.log"},
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::perp
