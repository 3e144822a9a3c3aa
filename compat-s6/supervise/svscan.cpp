// s6-svscan [-c MAX] [-t MS] [-d FD] [-X FD] [DIR]: supervises every service of a directory.
// Source: interfaces/s6.md section 9.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "compat-s6/client/command_line.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "compat-s6/scanner_control.h"
#include "core/base/signal_name.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"
#include "core/keeper/handover.h"
#include "core/sys/files.h"
#include "core/sys/held_file.h"
#include "core/sys/line.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-svscan";
constexpr std::string_view kUsage =
    "s6-svscan [ -c maxservices ] [ -t timeout ] [ -d notif ] [ -X consoleholder ] [ dir ]";
constexpr const char* kDirectory = ".s6-svscan";
constexpr const char* kCatchAll = "s6-svscan-log";
constexpr const char* kFinish = ".s6-svscan/finish";
constexpr const char* kCrash = ".s6-svscan/crash";
/// Section 9.1: what -c may say. Without it there is no limit here.
constexpr std::uint32_t kFewest = 2, kMost = 90'000;

struct Meaning {
  int signal;
  Wish wish;
  bool may_be_handled;  ///< an executable .s6-svscan/SIGNAME takes the signal's place
};

// Section 9.5.
constexpr Meaning kMeanings[] = {
    {SIGALRM, Wish::Rescan, false},  {SIGABRT, Wish::Leave, false},  {SIGHUP, Wish::RescanAndPrune, true},
    {SIGINT, Wish::Stop, true},      {SIGTERM, Wish::Stop, true},    {SIGQUIT, Wish::StopAtOnce, true},
    {SIGUSR1, Wish::Nothing, true},  {SIGUSR2, Wish::Nothing, true}, {SIGPWR, Wish::Nothing, true},
    {SIGWINCH, Wish::Nothing, true},
};

void grant(Wish wish, ScannerDoor& scanner) {
  switch (wish) {
    case Wish::Nothing:
      break;
    case Wish::Rescan:
      scanner.rescan();
      break;
    case Wish::RescanAndPrune:
      scanner.rescan();
      scanner.end_removed(EndLogs::AfterMain);
      break;
    case Wish::Prune:
      scanner.end_removed(EndLogs::AfterMain);
      break;
    case Wish::PruneAtOnce:
      scanner.end_removed(EndLogs::AtOnce);
      break;
    case Wish::Stop:
      scanner.end_all(EndLogs::AfterMain);
      break;
    case Wish::StopAtOnce:
      scanner.end_all(EndLogs::AtOnce);
      break;
    case Wish::Leave:
      scanner.leave();
      break;
  }
}

/// Nobody who does not read it stops us.
void warn(std::initializer_list<std::string_view> parts) {
  Line line(kProgram);
  line.add(": warning: ");
  for (const std::string_view part : parts) line.add(part);
  say(line);
}

/// Runs the user's own script for the signal; false where there is none.
bool handled_by_script(int signal) {
  std::string path = std::string(kDirectory) + "/SIG" + signal_name(signal);
  if (access(path.c_str(), X_OK) != 0) return false;
  char* const words[] = {path.data()};
  if (Status started = start(words); !started)
    warn({"unable to spawn ", path, ": ", std::strerror(started.error().code)});
  return true;
}

void on_signal(int signal, ScannerDoor& scanner) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.signal != signal || (meaning.may_be_handled && handled_by_script(signal))) continue;
    // A container engine waits for so long only; who shuts a machine down says so by a command.
    if (meaning.wish == Wish::Stop && getpid() == 1)
      scanner.end_all_in_time();
    else
      grant(meaning.wish, scanner);
  }
}

void on_control(int control, ScannerDoor& scanner) {
  std::array<char, 256> bytes;
  const ssize_t size = read(control, bytes.data(), bytes.size());
  for (ssize_t i = 0; i < size; ++i) {
    const char byte = bytes[static_cast<std::size_t>(i)];
    if (const std::optional<Wish> wish = scanner_wish(byte))
      grant(*wish, scanner);
    else
      warn({"received unknown control command: ", std::string_view(&byte, 1)});
  }
}

/// The scanner's own files, held while it lives.
struct Door {
  HeldLock lock;
  UniqueFd control;
};

/// In `code`: the exit code for an error.
Status open_door(Door& door, int& code) {
  code = kExitFatal;
  struct stat st;
  if (mkdir(kDirectory, 0700) != 0 && errno != EEXIST) return error_here("create", kDirectory);
  if (stat(kDirectory, &st) != 0) return error_here("stat", kDirectory);
  if (!S_ISDIR(st.st_mode)) {
    code = kExitUsage;
    return error_here("use as a directory", kDirectory, ENOTDIR);
  }
  Result<HeldLock> lock = hold_lock(AT_FDCWD, ".s6-svscan/lock", 0600, LockKind::OfdRecord);
  if (!lock) {
    if (lock.error().code == EAGAIN) code = kExitUsage;
    return lock.error();
  }
  door.lock = std::move(*lock);
  Result<UniqueFd> control = open_fifo(AT_FDCWD, ".s6-svscan/control", 0600);
  if (!control) {
    if (control.error().code == EEXIST) code = kExitUsage;
    return control.error();
  }
  door.control = std::move(*control);
  return ok();
}

/// What follows the scanner in its process.
int finish(int console) {
  if (console >= 0) {
    dup2(console, 1);
    dup2(console, 2);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execl(kFinish, kFinish, nullptr);
  if (errno == ENOENT) return 0;
  print_warning(kProgram, {"unable to exec ", kFinish, ": ", std::strerror(errno)});
  execl(kCrash, kCrash, nullptr);
  return die(kProgram, error_here("exec", kCrash));
}

/// A descriptor that others have opened for us; nullopt for one that is none.
std::optional<int> parse_descriptor(const char* text) {
  const auto number = parse_number(text);
  if (!number || *number < 3 || *number > INT32_MAX) return std::nullopt;
  const int fd = static_cast<int>(*number);
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? std::optional(fd) : std::nullopt;
}

}  // namespace

int svscan_main(int argc, char** argv) {
  std::uint32_t period = 0;
  std::size_t most = SIZE_MAX;
  int ready = -1, console = -1;
  Options options(argc, argv, "c:t:d:X:", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage(kProgram, kUsage);
    if (letter == 'd' || letter == 'X') {
      const auto descriptor = parse_descriptor(options.argument());
      if (!descriptor) return usage(kProgram, kUsage);
      (letter == 'd' ? ready : console) = *descriptor;
      continue;
    }
    const auto number = parse_number(options.argument());
    if (!number) return usage(kProgram, kUsage);
    if (letter == 't')
      period = *number;
    else
      most = std::clamp(*number, kFewest, kMost);
  }
  const char* const directory = options.operands().empty() ? "." : options.operands().front();
  if (enter_once(directory) != 0) return fatal(kProgram, {"unable to chdir: ", std::strerror(errno)});

  const mode_t mask = umask(0);
  Door door;
  int code = 0;
  const Status opened = open_door(door, code);
  umask(mask);
  if (!opened) {
    if (opened.error().code == EAGAIN)
      return fatal(kProgram, {"another instance of s6-svscan is already running on the same directory"},
                   code);
    return die(kProgram, opened.error(), code);
  }
  ScannerOptions scanner;
  scanner.home = &dialect();
  scanner.families = families();
  scanner.directory = ".";
  for (const Meaning& meaning : kMeanings) scanner.signals.push_back(meaning.signal);
  scanner.on_signal = on_signal;
  // As below the original, which catches none of them.
  scanner.stay_ignored = true;
  scanner.control = door.control.get();
  scanner.on_control = [&door](ScannerDoor& to) { on_control(door.control.get(), to); };
  scanner.most = most;
  // Section 9.4.
  scanner.last_log = kCatchAll;
  scanner.console = console;
  scanner.rescan_every = std::chrono::milliseconds(period);
  if (ready >= 0)
    scanner.on_begun = [ready] {
      (void)!write(ready, "\n", 1);
      close(ready);
    };
  bool begun = true;
  const int ended = run_scanner(scanner, [&begun](const Error& error) {
    begun = false;
    return die(kProgram, error);
  });
  if (begun) return finish(console);
  execl(kCrash, kCrash, nullptr);
  return ended;
}

}  // namespace kindred::s6
