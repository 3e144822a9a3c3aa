// svscan [DIR]. Source: interfaces/daemontools.md section 6.1.

#include "core/frontend/svscan.h"

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"

namespace kindred::daemontools {

int svscan_main(int argc, char** argv) { return scan_like_svscan(dialect(), argc > 1 ? argv[1] : nullptr); }

}  // namespace kindred::daemontools
