#include "compat-nosh/client/status_text.h"

#include <csignal>
#include <ctime>

#include "core/client/age.h"

namespace kindred::nosh {
namespace {

struct SignalWords {
  std::uint32_t number;
  const char* kind;
  const char* name;
};
constexpr SignalWords kSignals[] = {
    {SIGKILL, "kill", "KILL"},  {SIGTERM, "term", "TERM"},  {SIGINT, "term", "INT"},
    {SIGHUP, "term", "HUP"},    {SIGPIPE, "term", "PIPE"},  {SIGABRT, "abort", "ABRT"},
    {SIGALRM, "abort", "ALRM"}, {SIGQUIT, "abort", "QUIT"}, {SIGSEGV, "crash", "SEGV"},
    {SIGFPE, "crash", "FPE"},
};

constexpr std::uint8_t kStopped = 0, kStarting = 1, kRunning = 3, kStopping = 4, kRestart = 5;
constexpr const char* kNotSupervised = "No supervisor is running";

bool in_future(WallTime at, WallTime now) { return at > now; }

/// "2000-01-01 00:02:13 +0000; 1d 0h 0m 1s ago"; empty for the future, and for what no calendar holds.
std::string moment_text(WallTime at, WallTime now) {
  if (in_future(at, now)) return {};
  const std::time_t seconds = at.seconds;
  std::tm local{};
  char text[64];
  if (localtime_r(&seconds, &local) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &local) == 0)
    return {};
  return std::string(text) + "; " + age_text(age_in_seconds(at, now)) + " ago";
}

bool run_has_ended(const StatusFields& status) {
  const StatusFields::End& run = status.end_of(Script::Run);
  return run.stamped && run.code != 0;
}

const char* state_word(const StatusFields& status, const Flags& flags) {
  if (!status.activity) return status.pid != 0 ? "up" : "down";
  if (flags.ready_after_run && *status.activity == kRunning) return status.pid != 0 ? "started" : "ready";
  if (flags.ready_after_run && *status.activity == kStopped && run_has_ended(status)) return "done";
  return activity_word(*status.activity);
}

const char* colour_of(const StatusFields& status) {
  constexpr const char *kGreen = "\x1b[32m", *kYellow = "\x1b[33m", *kRed = "\x1b[31m";
  if (!status.activity) return status.pid != 0 ? kGreen : kYellow;
  switch (*status.activity) {
    case kRunning:
      return kGreen;
    case kStarting:
    case kStopping:
    case kStopped:
      return kYellow;
    default:
      return kRed;
  }
}

std::string state_text(const StatusFields& status, const Flags& flags, Colour colour) {
  const char* word = state_word(status, flags);
  return colour == Colour::Yes ? std::string(colour_of(status)) + word + "\x1b[0m" : word;
}

void add(std::string& list, std::string_view word) {
  if (!list.empty()) list += ", ";
  list += word;
}

/// Paused, and what is pending.
std::string actions(const StatusFields& status) {
  std::string list;
  if (status.paused) add(list, "paused");
  const bool up = status.pid != 0;
  switch (status.pending) {
    // Where no activity is told, the want stays when it has been done.
    case 'u':
      if (status.activity || !up) add(list, "want up");
      break;
    case 'd':
      if (status.activity || up) add(list, "want down");
      break;
    case 'o':
      add(list, "once");
      break;
    case 'O':
      add(list, "once at most");
      break;
    default:
      break;
  }
  return list;
}

const char* mismatch(const StatusFields& status, const Flags& flags) {
  if (!status.activity) {
    const bool up = status.pid != 0;
    return up == !flags.down ? "" : flags.down ? "initially down" : "initially up";
  }
  const bool up = *status.activity != kStopped || (flags.ready_after_run && run_has_ended(status));
  return up == !flags.down ? "" : flags.down ? "initially stopped" : "initially started";
}

}  // namespace

std::string age_text(std::uint64_t seconds) {
  const struct {
    std::uint64_t size;
    char letter;
  } units[] = {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}};
  std::string text;
  for (const auto& unit : units) {
    if (seconds >= unit.size || !text.empty())
      text.append(std::to_string(seconds / unit.size)).append(1, unit.letter).append(" ");
    seconds %= unit.size;
  }
  return text + std::to_string(seconds) + "s";
}

const char* activity_word(std::uint8_t activity) {
  static constexpr const char* kWords[] = {"stopped", "starting", "started", "running", "stopping", "failed"};
  static_assert(std::size(kWords) == kRestart + 1);
  return activity < std::size(kWords) ? kWords[activity] : "unknown";
}

std::string end_text(const StatusFields::End& end) {
  constexpr std::uint8_t kExited = 1, kDumpedCore = 3;
  const std::string number = std::to_string(end.number);
  if (end.code == kExited) return "exit " + number;
  std::string text = "crash " + number;
  for (const SignalWords& signal : kSignals)
    if (signal.number == end.number) text = std::string(signal.kind) + " " + number + " " + signal.name;
  return end.code == kDumpedCore ? text + " (core dumped)" : text;
}

std::string short_text(std::string_view name, const Seen& seen, WallTime now, Colour colour) {
  std::string text(name);
  text += ": ";
  if (!seen.supervised) return text + kNotSupervised + "\n";
  if (!seen.status) return text + "loading\n";
  const StatusFields& status = *seen.status;
  text += state_text(status, seen.flags, colour);
  if (status.pid != 0) text += " (pid " + std::to_string(status.pid) + ")";
  if (const std::string moment = moment_text(status.since, now); !moment.empty()) text += " since " + moment;
  std::string extras = actions(status);
  if (const char* word = mismatch(status, seen.flags); *word != '\0') add(extras, word);
  if (!extras.empty()) text += "; " + extras;
  return text + ".\n";
}

std::string long_text(std::string_view name, const Seen& seen, WallTime now, Colour colour) {
  std::string text(name);
  text += ": \n";
  auto line = [&](const char* label, std::string_view value) {
    text.append("\t").append(label).append(": ").append(value).append("\n");
  };
  if (!seen.supervised) {
    line("State   ", kNotSupervised);
  } else if (!seen.status) {
    line("State   ", "loading");
  } else {
    const StatusFields& status = *seen.status;
    const std::string moment = moment_text(status.since, now);
    line("State   ", state_text(status, seen.flags, colour) +
                         (moment.empty() ? moment : std::string(" since ") + moment));
    if (status.pid != 0) line("Main PID", std::to_string(status.pid));
    if (const std::string list = actions(status); !list.empty()) line("Action  ", list);
    static constexpr const char* kLabels[] = {" Started", "     Ran", "Restartd", " Stopped"};
    static_assert(std::size(kLabels) == kScripts);
    for (std::size_t i = 0; i < kScripts; ++i) {
      const StatusFields::End& end = status.ends[i];
      if (!end.there || end.code == 0) continue;
      const std::string ended = end.stamped ? moment_text(end.at, now) : std::string();
      line(kLabels[i], end_text(end) + (ended.empty() ? ended : " at " + ended));
    }
  }
  const Flags& flags = seen.flags;
  std::string config = flags.down ? "disabled" : "enabled";
  if (flags.remain) add(config, "run on empty");
  if (flags.ready_after_run) add(config, "ready after run");
  if (flags.use_hangup) add(config, "use SIGHUP");
  if (flags.no_kill_signal) add(config, "no SIGKILL");
  line("Config  ", config);
  return text;
}

}  // namespace kindred::nosh
