#include "core/frontend/readproctitle.h"

#include "compat-encore/programs.h"

namespace kindred::encore {

int readproctitle_main(int argc, char** argv) { return readproctitle(argc, argv); }

}  // namespace kindred::encore
