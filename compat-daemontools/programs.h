#pragma once
// daemontools' programs: one main each, in cli/.

namespace kindred::daemontools {

int readproctitle_main(int argc, char** argv);

}  // namespace kindred::daemontools
