#include "compat-daemontools/dialect.h"

#include "compat-daemontools/control.h"
#include "compat-daemontools/convention.h"
#include "compat-daemontools/status.h"
#include "core/dialect/supervise_parts.h"

namespace kindred::daemontools {
namespace {

// Any directory with a run script is a daemontools service; what the relatives added speaks for them.
int shape(const DirectoryShape& s) { return s.has("run") ? 10 : 1; }

ScanRules scan_rules() {
  ScanRules rules = kSvscanRules;
  rules.supervisor = "supervise";
  return rules;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "daemontools",
      .by_hand = "svc -u|-d|-t {path}",
      .convention = kConvention,
      .layout = {},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = scan_rules(),
      .wording = kSuperviseWording,
      .recognise = recognise_supervise,
      .scripts = {"run"},
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::daemontools
