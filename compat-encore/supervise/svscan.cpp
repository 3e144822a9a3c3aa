// svscan [DIR [LOG]]. Source: interfaces/encore.md section 9. TERM ends it with all of its services; killed
// otherwise, the core and its services stay, and the next svscan of the directory takes them on.

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"
#include "core/keeper/handover.h"

namespace kindred::encore {
int svscan_main(int argc, char** argv) {
  if (argc > 1 && enter_once(argv[1]) != 0)
    return fatal("svscan", {"unable to chdir to ", argv[1], ": ", error_text(errno)});
  if (const char* location = std::getenv("SUPERVISEDIR"); location != nullptr && *location == '\0')
    return fatal("svscan", {"unable to supervise where SUPERVISEDIR is empty"});
  const Home home;
  ScannerOptions options;
  options.home = &home.dialect();
  options.families = families();
  options.directory = ".";
  // In process 1 it means that anyway, and no longer than a container engine waits.
  if (::getpid() != 1) options.signals = {SIGTERM};
  options.on_signal = [](int, ScannerDoor& door) { door.end_all(EndLogs::AfterMain); };
  if (argc > 2) options.log_service = argv[2];
  return run_scanner(options, [](const Error& error) { return fatal("svscan", error); });
}

}  // namespace kindred::encore
