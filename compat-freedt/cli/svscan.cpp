// svscan [DIR]. Source: interfaces/freedt.md sections 3.4 and 6.3. TERM ends it as it ends any program; the
// core and its services stay, and the next svscan of the directory takes them on.

#include <unistd.h>

#include <cerrno>

#include "compat-freedt/cli/common.h"
#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"

namespace kindred::freedt {

int svscan_main(int argc, char** argv) {
  constexpr const char* kUsage = "svscan: usage: svscan [dir]";
  if (const auto code = answered(argc, argv, "svscan", kUsage)) return *code;
  if (argc > 2) return misused(kUsage);
  // Others look for this program by its working directory.
  if (argc > 1 && ::chdir(argv[1]) != 0)
    return fatal("svscan", {"unable to chdir to ", argv[1], ": ", error_text(errno)});
  ScannerOptions options;
  options.home = &dialect();
  options.directory = ".";
  return run_scanner(options, [](const Error& error) { return fatal("svscan", error); });
}

int core_main(int argc, char** argv) { return run_core(dialect(), families(), argc, argv); }

}  // namespace kindred::freedt
