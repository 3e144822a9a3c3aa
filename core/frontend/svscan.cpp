#include "core/frontend/svscan.h"

#include <unistd.h>

#include <cerrno>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"
#include "core/keeper/handover.h"

namespace kindred {

int scan_like_svscan(const Dialect& home, const char* directory) {
  if (directory != nullptr && enter_once(directory) != 0)
    return fatal("svscan", {"unable to chdir to ", directory, ": ", error_text(errno)});
  ScannerOptions options;
  options.home = &home;
  options.families = families();
  options.directory = ".";
  return run_scanner(options, [](const Error& error) { return fatal("svscan", error); });
}

}  // namespace kindred
