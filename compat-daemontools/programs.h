#pragma once
// daemontools' programs: one main each, in cli/.

namespace kindred::daemontools {

int readproctitle_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svstat_main(int argc, char** argv);

}  // namespace kindred::daemontools
