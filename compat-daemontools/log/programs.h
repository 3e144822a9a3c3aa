#pragma once
// daemontools's loggers: one main each.

namespace kindred::daemontools {

int multilog_main(int argc, char** argv);
int tai64n_main(int argc, char** argv);
int tai64nlocal_main(int argc, char** argv);

}  // namespace kindred::daemontools
