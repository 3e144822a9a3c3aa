// svc [-udopchaitkxX] DIR...: sends commands to the supervisors of services.
// Source: interfaces/freedt.md sections 3.3 and 6.3.

#include "core/frontend/svc.h"

#include <fcntl.h>

#include <chrono>
#include <string>

#include "compat-freedt/client/stranger.h"
#include "compat-freedt/control.h"
#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "compat-freedt/voice.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/supervise_watch.h"
#include "core/dialect/registry.h"
#include "core/sys/clock.h"

namespace kindred::freedt {
namespace {

constexpr const char* kUsage =
    "svc options: u up, d down, o once, x exit, X quit, p pause, c continue, h hup, a alarm, i interrupt, t "
    "term, k kill";
constexpr Duration kLeavesWithin = std::chrono::seconds(2);

/// Nothing in a directory tells a supervisor that knows -X from one that drops it, so it is seen by what
/// comes of it.
bool has_left(const ServiceDirectory& directory) {
  const SystemClock clock;
  const Instant deadline = clock.now().steady + kLeavesWithin;
  SuperviseWatch watch;
  watch.add(directory, dialect().layout);
  for (;;) {
    const Result<bool> supervised = directory.supervised(dialect().layout);
    if (!supervised || !*supervised) return true;
    if (clock.now().steady >= deadline) return false;
    constexpr Duration kLookAgain = std::chrono::milliseconds(100);
    watch.wait(std::min(deadline, clock.now().steady + kLookAgain));
  }
}

/// False where the supervisor cannot do what is asked of it.
bool control(const char* path, const ControlMessage& message, const KnownFamilies& known) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (directory && held_by_stranger(*directory, known)) {
    print_warning("svc", {"unable to control ", path, ": freedt's own supervise is there"});
    return false;
  }
  const bool quits = message.bytes.find(kQuit) != std::string_view::npos;
  const bool to_end = quits && directory && directory->supervisor(known) == &known.home;
  if (!control_service("svc", path, message, known)) return false;
  if (!to_end || has_left(*directory)) return true;
  print_warning("svc", {"unable to control ", path, ": supervise does not know -X"});
  return false;
}

}  // namespace

int svc_main(int argc, char** argv) {
  if (const auto code = answered(argc, argv, "svc", kUsage, true)) return *code;
  std::string letters, bytes;
  Options options(argc, argv, "udopchaitkxX");
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused(kUsage);
    if (letters.find(letter) != std::string::npos) continue;
    letters += letter;
    bytes += letter == 'X' ? kQuit : letter;
  }
  ignore_sigpipe();
  const KnownFamilies known{dialect(), families()};
  bool done = true;
  for (const char* path : options.operands()) done = control(path, {bytes, letters}, known) && done;
  return done ? 0 : kExitFatal;
}

}  // namespace kindred::freedt
