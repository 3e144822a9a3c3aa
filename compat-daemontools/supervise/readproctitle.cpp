#include "core/frontend/readproctitle.h"

#include "compat-daemontools/programs.h"

namespace kindred::daemontools {

int readproctitle_main(int argc, char** argv) { return readproctitle(argc, argv); }

}  // namespace kindred::daemontools
