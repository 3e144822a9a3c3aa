#pragma once
// daemontools' programs: one main each, in supervise/ and client/.

namespace kindred::daemontools {

int readproctitle_main(int argc, char** argv);
int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svscanboot_main(int argc, char** argv);
int svstat_main(int argc, char** argv);

}  // namespace kindred::daemontools
