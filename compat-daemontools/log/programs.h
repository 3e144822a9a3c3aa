#pragma once
// daemontools's loggers: one main each.

namespace kindred::daemontools {

int multilog_main(int argc, char** argv);

}  // namespace kindred::daemontools
