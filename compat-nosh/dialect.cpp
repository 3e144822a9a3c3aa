#include "compat-nosh/dialect.h"

#include "compat-nosh/control.h"
#include "compat-nosh/convention.h"
#include "compat-nosh/status.h"
#include "compat-nosh/tree_door.h"

namespace kindred::nosh {
namespace {

int recognise(const Evidence& e) {
  if (!e.has_lock || !e.has_control || !e.has_ok || e.has_pid || e.has_stat || e.has_death_tally) return 0;
  if (e.status_size == static_cast<std::int64_t>(kStatusSize)) return 95;
  if (e.status_size == static_cast<std::int64_t>(kStatusSizeSecond)) return 85;
  // 20 bytes are encore's too, and encore is what is met.
  return e.status_size == static_cast<std::int64_t>(kStatusSizeFirst) ? 5 : 0;
}

int shape(const DirectoryShape& s) {
  if (s.has_in("service")) return 90;
  return s.has("run") && s.has("restart") ? 80 : 0;
}

constexpr Wording kWording{.fatal = "service-manager: FATAL: unable to {what} for {name}: {why}",
                           .warning = "service-manager: ERROR: unable to {what} for {name}: {why}",
                           .locked = "service-manager: ERROR: {path}: {why}",
                           .start_failed = "service-manager: ERROR: {name}/{script}: ",
                           .reason = system_error_text};

// 7.3: the manager itself says more.
constexpr Wording manager_wording() {
  Wording wording = kWording;
  wording.started = "service-manager: INFO: {name}/{script}: pid {pid}";
  wording.leaving = "service-manager: DEBUG: set unload after stop {name}";
  return wording;
}

Dialect make(const char* directory, Wording wording) {
  return {
      .name = "nosh",
      .by_hand = "service-control --up|--down {path}",
      .convention = kConvention,
      // Section 3.
      .layout = {.directory = directory,
                 .control_may_be_file = true,
                 .ok_mode = 0666,
                 .ok_mode_exact = true,
                 .status_write = StatusWrite::InPlace,
                 .status_must_open = true},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "service-dt-scanner",
               .usual = {"/service"},
               .warning = "service-dt-scanner: ERROR: unable to {what}: {why}",
               .pairing = LogPairing::SeparateServices},
      .wording = wording,
      // Section 5: those that the manager acts on.
      .inheritance = {.at_default = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP}, .unblocked = {}},
      .open_door = open_door,
      .recognise = recognise,
      .scripts = {"run", "service/run", "service/start", "service/stop", "service/restart"},
      .marks = {"restart"},
      .shape = shape,
  };
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect = make("supervise", kWording);
  return kDialect;
}

const Dialect& supervise_dialect() {
  static const Dialect kDialect = make("", manager_wording());
  return kDialect;
}

}  // namespace kindred::nosh
