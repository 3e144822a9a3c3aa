#include "compat-freedt/dialect.h"

#include <csignal>

#include "compat-freedt/control.h"
#include "compat-freedt/convention.h"
#include "core/dialect/supervise_parts.h"

namespace kindred::freedt {
namespace {

// 3.4: of the plain shapes only this family's has the bit, for its log.
int shape(const DirectoryShape& s) {
  if (s.has_any({"finish", "rc.main"}) || s.has_in("service")) return 0;
  return s.has("run") && s.has("log/") && s.sticky ? 20 : 0;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "freedt",
      .by_hand = "svc -u|-d|-t {path}",
      .convention = kConvention,
      // Section 6.2: what kindred leaves here is daemontools' to the byte, so that its clients can read it.
      // Other families' clients take it for that, too; only this family's have a use for the difference.
      .layout = {},
      .status = kSuperviseStatus,
      .control = kControlCodec,
      .scan = kSvscanRules,
      .wording = kSuperviseWording,
      // 3.2: TERM ends supervise and leaves the child alone.
      .signals = {{.signal = SIGTERM, .commands = {{.verb = Verb::Quit}}}},
      .inheritance = {.at_default = {SIGCHLD, SIGTERM}, .unblocked = {SIGCHLD, SIGTERM}},
      .recognise = recognise_supervise,
      .scripts = {"run"},
      .marks = {"log/"},
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::freedt
