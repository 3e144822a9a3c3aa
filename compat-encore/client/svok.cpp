// svok DIR: whether a supervisor looks after DIR, by exit code. Source: interfaces/encore.md section 10.4.

#include "core/frontend/svok.h"

#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/cli/output.h"

namespace kindred::encore {

int svok_main(int argc, char** argv) {
  if (argc < 2) {
    print_error({"svok: usage: svok dir"});
    return kExitUsage;
  }
  return svok("svok", argv[1], Home(argv[1]).known());
}

}  // namespace kindred::encore
