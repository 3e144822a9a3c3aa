// svc [-+=Ll12udopchaitkwxq] DIR...: sends commands to the supervisors of services.
// Source: interfaces/encore.md section 10.1.

#include "core/frontend/svc.h"

#include <string>

#include "compat-encore/client/svc_message.h"
#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"

namespace kindred::encore {
namespace {

int usage() {
  print_error(
      {"svc options: + kill process group, = kill parent process, L kill log, l kill main, u up, d down, o "
       "once, x exit, p pause, c continue, h hup, a alarm, i interrupt, t term, k kill, q quit, 1 SIGUSR1, 2 "
       "SIGUSR2, w SIGWINCH"});
  return kExitUsage;
}

}  // namespace

int svc_main(int argc, char** argv) {
  SvcMessage message;
  std::string given;
  Options options(argc, argv, "+=Ll12udopchaitkwxq", LongDashes::All);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage();
    if (!message.add(letter)) return fatal("svc", {"too many options"}, kExitUsage);
    given += letter;
  }
  ignore_sigpipe();
  bool expressed = true;
  for (const char* path : options.operands()) {
    const Home home(path);
    expressed = control_service("svc", path, {message.bytes(), given}, home.known()) && expressed;
  }
  return expressed ? 0 : kExitFatal;
}

}  // namespace kindred::encore
