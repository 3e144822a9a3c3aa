// svc [-udopchaitkx] DIR...: sends commands to the supervisors of services.
// Source: interfaces/daemontools.md section 7.1.

#include "core/frontend/svc.h"

#include <string>

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"

namespace kindred::daemontools {
namespace {

int usage() {
  print_error(
      {"svc options: u up, d down, o once, x exit, p pause, c continue, h hup, a alarm, i interrupt, t term, "
       "k kill"});
  return kExitUsage;
}

}  // namespace

int svc_main(int argc, char** argv) {
  std::string letters;
  Options options(argc, argv, "udopchaitkx", LongDashes::All);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage();
    if (letters.find(letter) == std::string::npos) letters += letter;
  }
  ignore_sigpipe();
  const KnownFamilies known{dialect(), families()};
  bool expressed = true;
  for (const char* path : options.operands())
    expressed = control_service("svc", path, {letters, letters}, known) && expressed;
  return expressed ? 0 : kExitFatal;
}

}  // namespace kindred::daemontools
