#include "compat-encore/dialect.h"

#include <csignal>

#include "compat-encore/control.h"
#include "compat-encore/convention.h"
#include "compat-encore/status.h"
#include "core/dialect/supervise_parts.h"

namespace kindred::encore {
namespace {

// A relative writes 20 bytes too, but never without two text files beside them.
int recognise(const Evidence& e) {
  const bool size = e.status_size == static_cast<std::int64_t>(kRecordSize) ||
                    e.status_size == static_cast<std::int64_t>(2 * kRecordSize);
  if (!size || !e.has_ok || e.has_pid || e.has_stat || e.has_death_tally || e.has_event_dir) return 0;
  return e.has_lock && e.has_control ? 90 : 40;
}

// What no relative has; a bundle keeps start and stop elsewhere.
int shape(const DirectoryShape& s) {
  if (s.has_in("service") || s.has_any({"restart", "rc.main"})) return 0;
  return s.has_any({"start", "stop", "notify", "no-setsid", "log*"}) ? 60 : 0;
}

ScanRules scan_rules() {
  ScanRules rules = kSvscanRules;
  rules.log_is_directory = true;
  return rules;
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "encore",
      .by_hand = "svc -u|-d|-t {path}",
      .convention = kConvention,
      .layout = {.control_may_be_file = true, .log_with_main = true},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = scan_rules(),
      .wording = kSuperviseWording,
      // Section 8.
      .signals = {{.signal = SIGTERM, .shut_down = true},
                  {.signal = SIGINT, .shut_down = true},
                  {.signal = SIGTSTP, .commands = {{.verb = Verb::Pause}}},
                  {.signal = SIGCONT, .commands = {{.verb = Verb::Continue}}}},
      // Section 6.
      .inheritance = {.at_default = {SIGCHLD, SIGINT, SIGTERM, SIGTSTP, SIGCONT}},
      .recognise = recognise,
      .scripts = {"run", "start"},
      .marks = {"stop", "notify", "no-setsid", "log*"},
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::encore
