#include "compat-s6/dialect.h"

#include <csignal>

#include "compat-s6/control.h"
#include "compat-s6/convention.h"
#include "compat-s6/death_tally.h"
#include "compat-s6/settings.h"
#include "compat-s6/status.h"
#include "compat-s6/tree_door.h"

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
  if (!s.has("run")) return 0;
  if (s.has_any({"notification-fd", "timeout-kill", "event/", "type"})) return 70;
  // A finish is s6's and runit's; a run alone is everybody's.
  if (s.has("finish")) return 45;
  return s.has("data/") ? 30 : 5;
}

// Section 8.
char letter_of(Notice notice) {
  switch (notice) {
    case Notice::Supervised:
      return 's';
    case Notice::Up:
      return 'u';
    case Notice::Ready:
      return 'U';
    case Notice::Ended:
      return 'd';
    case Notice::WillNotRestart:
      return 'O';
    case Notice::Settled:
      return 'D';
    case Notice::Retired:
      return 'x';
  }
  return 0;
}

void put_in_tally(WallTime when, ExitStatus how, ByteSpan out) { put_death(out, 0, {when, how}); }

std::pair<WallTime, ExitStatus> get_from_tally(ByteView record) {
  const Death death = get_death(record, 0);
  return {death.at, death.how};
}

}  // namespace

const Dialect& dialect() {
  static const Dialect kDialect{
      .name = "s6",
      .by_hand = "s6-svc -u|-d|-r {path}",
      .convention = kConvention,
      // Section 3.2: lock and FIFO are made with the umask out of force, the record with it.
      .layout = {.lock_mode = 0644,
                 .lock_mode_exact = true,
                 .lock_kind = LockKind::OfdRecord,
                 .ok = nullptr,
                 .status_mode = 0666,
                 .event = {.name = "event", .mode = 03730, .letter = letter_of},
                 .tally = {.name = "death_tally",
                           .most = 100,
                           .most_ever = kMostDeaths,
                           .record_size = kDeathSize,
                           .encode = put_in_tally,
                           .decode = get_from_tally},
                 .service_files = {"down", "notification-fd"}},
      .status = kStatusCodec,
      .control = kControlCodec,
      .scan = {.scanner = "s6-svscan",
               .supervisor = "s6-supervise",
               .scanner_is_alone = true,
               .descriptor_options = "dX",
               .usual = {"/run/service", "/service", "/var/service"},
               .warning = "s6-svscan: warning: unable to {what}: {why}",
               .reason = system_error_text,
               .pairing = LogPairing::SeparateServices,
               .log_is_directory = true,
               .on_request = true,
               .restart_after = std::chrono::seconds(1)},
      .wording = {.fatal = "s6-supervise {name}: fatal: unable to {operation} {path}: {why}",
                  .warning = "s6-supervise {name}: warning: unable to {what}: {why}",
                  .locked = "s6-supervise {name}: fatal: another instance of s6-supervise is already running",
                  .start_failed = "s6-supervise {name} (child): fatal: unable to exec {script}: ",
                  .setting = "s6-supervise {name}: warning: {text}",
                  .reason = system_error_text,
                  .not_executed =
                      "s6-supervise {name}: warning: unable to spawn {object} - waiting 10 seconds: {why}",
                  .overdue = "s6-supervise {name}: warning: finish script lifetime reached maximum value - "
                             "sending it a SIGKILL"},
      // Section 7.1: TERM brings the service down, HUP waits for its end, QUIT lets it be, and so does INT,
      // which its process group is sent first.
      .signals =
          {{.signal = SIGTERM, .shut_down = true},
           {.signal = SIGHUP, .commands = {{.verb = Verb::Exit}}},
           {.signal = SIGQUIT, .commands = {{.verb = Verb::Quit}}},
           {.signal = SIGINT,
            .commands = {{.verb = Verb::Signal, .signal = SIGINT, .to_group = true, .to_any_script = true},
                         {.verb = Verb::Quit}}}},
      .inheritance = {.at_default = {SIGCHLD, SIGPIPE}, .nothing_blocked = true},
      .locked_code = 100,
      .wrong_type_code = 100,
      .configure = configure,
      .open_door = open_door,
      .recognise = recognise,
      .scripts = {"run", "finish"},
      .marks = {"notification-fd", "timeout-kill", "event/", "type", "data/"},
      .ready_mark = "notification-fd",
      .shape = shape,
  };
  return kDialect;
}

}  // namespace kindred::s6
